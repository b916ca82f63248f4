"""The update key that the Windows and macOS specs pin: the environment's `UPDATE_KEY` names the file.

(`build.py` copies it into its copy of the source, where `contents.data` finds it.)
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cectrust_bridge.updates.errors import NoUpdateKey
from cectrust_bridge.updates.key import PINNED, read_key

FOLDER = "cectrust_bridge/updates"


def pinned_key(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    """Data entries (source, folder in the bundle): the named key, or none. SystemExit if it is no key of ours.

    A bundle with a broken key would refuse every update for ever, so that a broken one ends the build.
    """
    if not (named := environment.get("UPDATE_KEY")):
        return []
    path = Path(named).resolve()
    if path.name != PINNED.name:
        sys.exit(f"UPDATE_KEY: the file has to be called {PINNED.name}, as the program looks for it")
    if PINNED.exists():
        sys.exit(f"UPDATE_KEY: the source holds a key already ({PINNED})")
    try:
        read_key(path)
    except NoUpdateKey:
        sys.exit("UPDATE_KEY: not a public P-256 JWK")
    return [(str(path), FOLDER)]
