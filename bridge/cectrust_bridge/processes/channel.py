"""Messages between the bridge's own processes over a socket pair: JSON, octets, file descriptors."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

LENGTHS = struct.Struct("!II")
MAX_FIELDS = 8 * 1024 * 1024
MAX_BLOB = 64 * 1024 * 1024
MAX_DESCRIPTORS = 1


class ChannelClosed(ConnectionError):
    """The process at the other end is gone, or broke the framing."""


@dataclass
class Message:
    """JSON `fields`, raw `blob`, and file descriptors the receiver now owns."""

    fields: dict[str, Any]
    blob: bytes = b""
    descriptors: list[int] = field(default_factory=list)

    def take_descriptor(self) -> int:
        """The next file descriptor, which is then the caller's to close; IndexError if none is left."""
        return self.descriptors.pop(0)

    def close(self) -> None:
        """Close the descriptors that nobody took."""
        _close_all(self.descriptors)
        self.descriptors.clear()


class Channel:
    """A blocking, framed connection between two of our processes. Raises ChannelClosed, TimeoutError."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def set_timeout(self, seconds: float | None) -> None:
        """How long one send or receive may take; None is forever."""
        self._socket.settimeout(seconds)

    def send(self, fields: Mapping[str, Any], blob: bytes = b"", descriptors: Iterable[int] = ()) -> None:
        """Send one message; `descriptors` are duplicated into the other process and stay open here."""
        body = json.dumps(fields).encode()
        head = LENGTHS.pack(len(body), len(blob))
        try:
            sent = socket.send_fds(self._socket, [head], list(descriptors))
            self._socket.sendall(head[sent:] + body + blob)
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosed("the other process is gone") from error

    def receive(self) -> Message:
        """Wait for one message."""
        head, descriptors = self._receive_head()
        body_length, blob_length = LENGTHS.unpack(head)
        if body_length > MAX_FIELDS or blob_length > MAX_BLOB:
            _close_all(descriptors)
            raise ChannelClosed("a message is too long")
        body, blob = self._exactly(body_length), self._exactly(blob_length)
        return Message(_object(body), blob, descriptors)

    def fileno(self) -> int:
        """For select()."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close this end; the other end sees ChannelClosed."""
        self._socket.close()

    def _receive_head(self) -> tuple[bytes, list[int]]:
        try:
            head, descriptors, _, _ = socket.recv_fds(self._socket, LENGTHS.size, MAX_DESCRIPTORS)
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosed("the other process is gone") from error
        return head + self._exactly(LENGTHS.size - len(head), started=bool(head)), descriptors

    def _exactly(self, length: int, started: bool = True) -> bytes:
        parts, missing = [], length
        while missing:
            try:
                part = self._socket.recv(min(missing, 1 << 20)) if started else b""
            except TimeoutError:
                raise
            except OSError as error:
                raise ChannelClosed("the other process is gone") from error
            if not part:
                raise ChannelClosed("the other process is gone")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError as error:
        raise ChannelClosed("a message is not JSON") from error
    if not isinstance(value, dict):
        raise ChannelClosed("a message is not an object")
    return value


def _close_all(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
