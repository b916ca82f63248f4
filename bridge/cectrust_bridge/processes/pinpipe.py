"""The pipe in which secrets go from the window's process to the token's worker, past everybody else.

One PIN: its UTF-8 octets, then the end. A change of PIN: the old one and the new one, as `processes.pins` packs them.
"""

from __future__ import annotations

import os

from . import pins


class NotAPin(Exception):
    """What came through the pipe cannot be a PIN. Never holds it."""


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        # Its text would quote the PIN.
        raise NotAPin from None


def _all(descriptor: int, limit: int) -> bytes:
    """Everything to the end, and the descriptor closed; NotAPin if it is longer than `limit` octets."""
    with os.fdopen(descriptor, "rb") as pipe:
        octets = pipe.read(limit + 1)
    if len(octets) > limit:
        raise NotAPin
    return octets


def read_pin(descriptor: int) -> str:
    """One PIN; closes the descriptor. Raises NotAPin."""
    return _text(_all(descriptor, pins.MAX_PIN))


def read_change(descriptor: int) -> tuple[str, str]:
    """Old and new PIN; closes the descriptor. Raises NotAPin."""
    octets = _all(descriptor, 2 * (pins.LENGTH.size + pins.MAX_PIN))
    try:
        old, new = pins.unpack(octets, 2)
    except ValueError:
        raise NotAPin from None
    return _text(old), _text(new)
