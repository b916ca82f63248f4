"""Sockets that have not finished their handshake: how many, and what they may send (PROTOCOL.md section 1)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

MAX_WAITING, AT_ONCE, QUEUE = 256, 32, 1024
"""So many wait; so many are accepted in one turn of the loop, a small part of them, because a handshake takes some
turns and later ones must not push it out meanwhile; so many more wait in the kernel, first come, first served."""
MAX_HEAD = 16384
END_OF_HEAD = b"\r\n\r\n"


class Waiting:
    """Bounds them. When there are too many, the one that has waited longest goes: an honest browser says at once what
    it wants, so that a flood of silent ones pushes out silent ones."""

    def __init__(self) -> None:
        self._transports: OrderedDict[ServerConnection, asyncio.Transport] = OrderedDict()

    def enter(self, connection: ServerConnection, transport: asyncio.BaseTransport) -> None:
        """A socket was accepted."""
        if isinstance(transport, asyncio.Transport):
            self._transports[connection] = transport
        if len(self._transports) > MAX_WAITING:
            _, longest = self._transports.popitem(last=False)
            longest.abort()

    def leave(self, connection: ServerConnection) -> None:
        """Its handshake is done, or it is gone."""
        self._transports.pop(connection, None)

    def connections(self) -> type[ServerConnection]:
        """The kind of connection that waits here."""
        waiting = self

        class Guarded(_Patient):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                waiting.enter(self, transport)

            def connection_lost(self, exc: Exception | None) -> None:
                waiting.leave(self)
                super().connection_lost(exc)

        return Guarded


class _Patient(ServerConnection):
    """Ends whoever sends more than a head before it has the answer (RFC 6455 section 4.1 has clients wait for it).

    The library would parse frames behind the head at once: thousands of them, of a page that is about to be refused.
    """

    _head = b""

    def data_received(self, data: bytes) -> None:
        if self.protocol.state is State.CONNECTING:
            self._head += data
            end = self._head.find(END_OF_HEAD)
            if len(self._head) > MAX_HEAD or 0 <= end < len(self._head) - len(END_OF_HEAD):
                self.transport.abort()
                return
        super().data_received(data)
