"""How often one address may try what is worth guessing. Accounts have their own back-off in ``identity``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse

View = TypeVar("View", bound=Callable[..., Any])

SIGN_IN = "30 per minute"
"""Generous, because a construction office shares one address; each account is much stricter."""

limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")
"""Counts per process; with N web processes an address gets at most N times as much."""


def install(app: flask.Flask) -> None:
    """Count before anything reads what was sent; the library would count when the view is called."""
    limiter.init_app(app)

    @app.before_request
    def _count() -> None:
        endpoint = flask.request.endpoint or ""
        rate = getattr(app.view_functions.get(endpoint), "cectrust_rate", None)
        if rate and not limiter.limiter.hit(rate, endpoint, get_remote_address()):
            flask.abort(429)


def limited(rate: str) -> Callable[[View], View]:
    """So often (``30 per minute``) one address may ask for the view; it is answered with 429 from then on."""

    def mark(view: View) -> View:
        view.__dict__["cectrust_rate"] = parse(rate)
        return view

    return mark
