"""How two PINs travel in one pipe from the window to the worker: each as two octets of length and its UTF-8."""

from __future__ import annotations

import struct

LENGTH = struct.Struct("!H")
MAX_PIN = 256


def pack(*pins: bytes) -> bytes:
    """The octets of these PINs, in order; ValueError if one is longer than `MAX_PIN` octets."""
    if any(len(pin) > MAX_PIN for pin in pins):
        raise ValueError("a PIN is too long")
    return b"".join(LENGTH.pack(len(pin)) + pin for pin in pins)


def unpack(octets: bytes, count: int) -> list[bytes]:
    """Exactly `count` PINs; ValueError (which quotes nothing) for anything else."""
    pins = []
    for _ in range(count):
        if len(octets) < LENGTH.size:
            raise ValueError("a PIN is missing")
        [length] = LENGTH.unpack(octets[: LENGTH.size])
        pin, octets = octets[LENGTH.size :][:length], octets[LENGTH.size + length :]
        if length > MAX_PIN or len(pin) != length:
            raise ValueError("a PIN is cut off or too long")
        pins.append(pin)
    if octets:
        raise ValueError("something follows the PINs")
    return pins
