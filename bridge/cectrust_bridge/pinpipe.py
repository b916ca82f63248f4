"""The pipe in which secrets go from the window's process to the token's worker, past everybody else.

One PIN: its UTF-8 octets, then the end. A change of PIN: the old one, then the new one, each as its length
(2 octets, big-endian) and its UTF-8 octets, then the end.
"""

from __future__ import annotations

import os
import struct

MAX_PIN = 256
LENGTH = struct.Struct("!H")


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
    return _text(_all(descriptor, MAX_PIN))


def write_change(descriptor: int, old: bytes, new: bytes) -> None:
    """Old and new PIN (UTF-8, at most 256 octets each); closes the descriptor."""
    with os.fdopen(descriptor, "wb") as pipe:
        for pin in (old, new):
            pipe.write(LENGTH.pack(len(pin)) + pin)


def read_change(descriptor: int) -> tuple[str, str]:
    """Old and new PIN; closes the descriptor. Raises NotAPin."""
    octets = _all(descriptor, 2 * (LENGTH.size + MAX_PIN))
    pins = []
    for _ in range(2):
        if len(octets) < LENGTH.size:
            raise NotAPin
        [length] = LENGTH.unpack_from(octets)
        pins.append(octets[LENGTH.size : LENGTH.size + length])
        octets = octets[LENGTH.size + length :]
        if len(pins[-1]) != length or length > MAX_PIN:
            raise NotAPin
    if octets:
        raise NotAPin
    return _text(pins[0]), _text(pins[1])
