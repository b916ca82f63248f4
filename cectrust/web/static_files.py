"""Static files are addressed with a digest of their bytes, so that browsers keep them until they change."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import Any

import flask

STATIC = Path(__file__).resolve().parent.parent / "static"
_TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".woff2": "font/woff2"}


def install(app: flask.Flask) -> None:
    """Fix the types that systems disagree on, and add the digest to every static address."""
    for suffix, media_type in _TYPES.items():
        mimetypes.add_type(media_type, suffix)

    @app.url_defaults
    def _address(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = fingerprint(values["filename"])


@cache
def fingerprint(filename: str) -> str:
    """Eight hexadecimal digits; of a directory, those of all it holds."""
    path = STATIC / filename
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files)).hexdigest()[:8]
