"""Files that people send: spooled to a private temporary file, gone when the request ends.

A body is short, unless its view takes a file and who sends it was admitted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import flask

from cectrust.sdk.errors import InputRefused
from cectrust.web.application import Application

View = TypeVar("View", bound=Callable[..., Any])

FORM_LENGTH = 1 << 20
"""Octets of a body without a file, and of the form fields beside a file of the largest permitted size."""


def takes_file(view: View) -> View:
    """The view takes a file, of people whom the guard admitted before."""
    view.__dict__["cectrust_takes_file"] = True
    return view


def install(app: Application) -> None:
    """Raise the limit for views that take a file; to be installed after the guard, and before what reads forms."""
    longest = app.platform.settings.limits.upload_bytes + FORM_LENGTH

    @app.before_request
    def _allow_file() -> None:
        view = app.view_functions.get(flask.request.endpoint or "")
        if getattr(view, "cectrust_takes_file", False):
            flask.request.max_content_length = longest


@contextmanager
def uploaded(field: str) -> Iterator[tuple[Path, str]]:
    """Path and given name of the file in a form field. Raises ``InputRefused`` if none was chosen.

    Its view is one that ``takes_file``, so that its size is limited before this; nothing of it is trusted yet.
    """
    file = flask.request.files.get(field)
    if file is None or not file.filename:
        raise InputRefused("file_missing", "ファイルを選んでください。", "Choose a file.", field=field)
    with tempfile.TemporaryDirectory(prefix="cectrust-upload-") as folder:
        path = Path(folder) / "upload"
        file.save(path)
        yield path, file.filename
