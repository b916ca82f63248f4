"""The log of originals as everybody may read it: C2SP tlog-tiles under `/log/`, and the log's key.

Nothing here says whose documents they are; entries travel only in receipts.
"""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from cectrust.archive.sequencer import CHECKPOINT_NAME, PUBLISHED_PREFIX
from cectrust.platform import Platform
from cectrust.sdk.errors import NotFound
from cectrust.tlog import NoteVerifier, TreeRangeInvalid, parse_tile_path
from cectrust.web.guards import public
from cectrust.web.request import platform

blueprint = flask.Blueprint("archive", __name__, url_prefix="/log")
_TEXT = "text/plain; charset=utf-8"


@blueprint.get("/checkpoint")
@public
def checkpoint() -> ResponseReturnValue:
    """The newest head, a C2SP signed note."""
    response = flask.Response(platform().blobs.published(CHECKPOINT_NAME), content_type=_TEXT)
    response.cache_control.no_cache = True
    return response


@blueprint.get("/tile/<path:place>")
@public
def tile(place: str) -> ResponseReturnValue:
    """A hash tile or entry bundle; it never changes once published."""
    name = f"tile/{place}"
    try:
        parse_tile_path(name)
    except TreeRangeInvalid as error:
        raise NotFound(detail=name) from error
    data = platform().blobs.published(PUBLISHED_PREFIX + name)
    response = flask.Response(data, content_type="application/octet-stream")
    response.cache_control.max_age, response.cache_control.public = 365 * 24 * 3600, True
    response.cache_control.immutable = True
    return response


@blueprint.get("/key")
@public
def key() -> ResponseReturnValue:
    """The log's key as a vkey; to be compared with what the operator publishes elsewhere."""
    return flask.Response(log_key(platform()).vkey + "\n", content_type=_TEXT)


def log_key(opened: Platform) -> NoteVerifier:
    """The key that this installation's checkpoints are signed with. Raises `Unavailable`."""
    return NoteVerifier(opened.settings.log_origin, opened.keys.public_keys().log_public_key)
