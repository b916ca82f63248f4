"""One request is at most one transaction, ended before the response leaves."""

from __future__ import annotations

from contextlib import ExitStack

import flask
from flask.typing import ResponseReturnValue

from cectrust.platform import Platform

YEAR = 365 * 24 * 3600


class Application(flask.Flask):
    """Flask with a platform and a transaction around each view."""

    platform: Platform

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view; commit what it opened, or roll it back with the exception.

        A failing commit is therefore an error of this request and never a success that was lost.
        """
        with ExitStack() as transaction:
            flask.g.transaction = transaction
            return super().dispatch_request()

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Static files are addressed with a digest of their bytes and may be kept for ever."""
        if flask.request.args.get("v"):
            return YEAR
        return super().get_send_file_max_age(filename)
