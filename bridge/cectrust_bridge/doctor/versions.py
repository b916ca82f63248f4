"""Is this bridge the newest? Only a signed manifest can say so, and only where one is named."""

from __future__ import annotations

import time

from .. import __version__
from ..updates.check import State, check
from ..updates.command import HISTORY
from ..updates.errors import UpdateError
from ..updates.history import History
from ..updates.key import update_key
from ..updates.source import read_manifest
from ..updates.version import Version
from .finding import Finding, found
from .surroundings import Surroundings

CODES = {State.CURRENT: "version.newest", State.AVAILABLE: "version.newer", State.REQUIRED: "version.ended"}


def newest(around: Surroundings) -> list[Finding]:
    """As `cectrust-bridge update check`, with its memory of earlier manifests."""
    if not around.manifest:
        return [found("version.installed", version=__version__)]
    installed = Version.parse(__version__)
    try:
        key, history = update_key(around.manifest_key), History(around.profile.folder / HISTORY, installed)
        compact = read_manifest(around.manifest, around.settings().network)
        told = check(compact, key, installed, history, time.time())
    except UpdateError as error:
        return [found("version.unknown", version=__version__, reason=error.name)]
    return [found(CODES[told.state], version=__version__, offered=str(told.manifest.version))]
