"""The publisher's public key: built into the bundle, or named by whoever runs from source."""

from __future__ import annotations

from pathlib import Path

from ..formats import jose, strictjson
from .errors import NoUpdateKey

PINNED = Path(__file__).with_name("update-key.json")


def read_key(path: Path) -> jose.PublicKey:
    """A public JWK; NoUpdateKey if it is none."""
    try:
        return jose.key_of(strictjson.parse(path.read_bytes()))
    except (ValueError, OSError) as error:
        raise NoUpdateKey(str(path)) from error


def update_key(named: Path | None, pinned: Path = PINNED) -> jose.PublicKey:
    """The pinned key; a `named` one only where none is pinned, so that nobody is talked into another."""
    if pinned.exists():
        if named is not None:
            raise NoUpdateKey("this build has a key of its own")
        return read_key(pinned)
    if named is None:
        raise NoUpdateKey("--key is needed: this build has none")
    return read_key(named)
