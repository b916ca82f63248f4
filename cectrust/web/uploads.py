"""Files that people send: spooled to a private temporary file, gone when the request ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask

from cectrust.sdk.errors import InputRefused


@contextmanager
def uploaded(field: str) -> Iterator[tuple[Path, str]]:
    """Path and given name of the file in a form field. Raises ``InputRefused`` if none was chosen.

    Its size is limited before this (``MAX_CONTENT_LENGTH``); nothing of it is trusted yet.
    """
    file = flask.request.files.get(field)
    if file is None or not file.filename:
        raise InputRefused("file_missing", "ファイルを選んでください。", "Choose a file.", field=field)
    with tempfile.TemporaryDirectory(prefix="cectrust-upload-") as folder:
        path = Path(folder) / "upload"
        file.save(path)
        yield path, file.filename
