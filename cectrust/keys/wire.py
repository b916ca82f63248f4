"""Frames on the keys role's socket: four octets of length (big-endian), then one JSON object."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

from cectrust.sdk.errors import InputRefused

MAX_FRAME = 1 << 20
_LENGTH = struct.Struct(">I")


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one message; raises ``OSError``."""
    body = json.dumps(message, ensure_ascii=True, allow_nan=False).encode()
    connection.sendall(_LENGTH.pack(len(body)) + body)


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message, ``None`` when the peer closed between messages.

    Raises:
        InputRefused: too long, cut off, or not a JSON object.
    """
    header = _exactly(connection, _LENGTH.size)
    if not header:
        return None
    (length,) = _LENGTH.unpack(_whole(header, _LENGTH.size))
    if length > MAX_FRAME:
        raise _refused(f"{length} octets")
    try:
        message = json.loads(_whole(_exactly(connection, length), length))
    except (ValueError, RecursionError) as error:
        raise _refused("not JSON") from error
    if not isinstance(message, dict):
        raise _refused("not an object")
    return message


def _exactly(connection: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length and (part := connection.recv(length - len(received))):
        received += part
    return bytes(received)


def _whole(received: bytes, length: int) -> bytes:
    if len(received) != length:
        raise _refused("cut off")
    return received


def _refused(detail: str) -> InputRefused:
    return InputRefused(
        "keys_frame",
        "鍵プロセスへの電文が壊れています。",
        "A message to the keys role is malformed.",
        detail,
    )
