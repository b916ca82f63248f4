"""User bytes go out only with a fixed type, verified, and unable to run anything."""

from __future__ import annotations

import flask

from cectrust.blobs.service import Blobs
from cectrust.sdk.protocols import BlobKey

_NOTHING_RUNS = "sandbox; default-src 'none'"


def send_blob(blobs: Blobs, key: BlobKey, name: str, media_type: str, *, inline: bool = False) -> flask.Response:
    """Send a stored blob, an attachment unless our own viewer asks for it.

    The digest is checked over the whole blob before the first byte leaves. Raises ``IntegrityBroken``.
    """
    response: flask.Response = flask.send_file(
        blobs.open_verified(key), mimetype=media_type, as_attachment=not inline, download_name=name
    )
    response.headers["Content-Security-Policy"] = _NOTHING_RUNS
    return response


def send_bytes(data: bytes, name: str, media_type: str) -> flask.Response:
    """Send bytes that the product made itself, as an attachment."""
    response = flask.Response(data, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Content-Security-Policy"] = _NOTHING_RUNS
    return response
