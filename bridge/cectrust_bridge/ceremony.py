"""Pairing with a server and leaving it, started by the person and never by a page (PROTOCOL.md section 3).

Blocking: a window calls these in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from .pairing import Pairing
from .pairing_errors import PairingError
from .profile import Profile


@dataclass(frozen=True)
class Unpaired:
    """The pairing that is gone from this computer. `not_told` says why the server could not be told, if so."""

    pairing: Pairing
    not_told: PairingError | None


def pair(profile: Profile, address: str, code: str, *, name: str | None = None) -> Pairing:
    """Pair with the server at `address` (what a person types) by the one-time `code` of the user's own page.

    `name` is how the server lists this computer; default: its host name. Raises PairingError.
    """
    raise NotImplementedError


def unpair(profile: Profile, issuer: str) -> Unpaired:
    """Forget the server, and tell it if it can be reached. Raises PairingError if it is not paired by the user."""
    raise NotImplementedError
