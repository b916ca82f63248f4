"""One WebSocket of one page: its messages in, answers out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ..errors import BridgeError, DeviceError, NotPaired
from ..formats import rpc
from ..formats.rpc_errors import InvalidRequest
from ..methods import METHODS, signing
from ..pairing.model import Pairing
from ..service.bridge import Bridge
from ..service.conversation import Conversation

HELLO_TIMEOUT = 10.0
LOOK_SECONDS = 1.0
"""Between two looks whether the page's server is still paired: another process may have ended that."""
POLICY, TOO_BIG = 1008, 1009
MAX_CALLS = 32
"""Unanswered at once. A page that asks on and reads nothing would otherwise fill the memory with answers."""
log = logging.getLogger(__name__)


class Connection:
    """Reads until the socket closes; slow methods run beside the reading."""

    def __init__(self, bridge: Bridge, socket: ServerConnection, origin: str, server: Pairing) -> None:
        self._socket = socket
        self._page = Conversation(bridge, origin, server, socket.send, tuple(METHODS))
        self._calls: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Until the socket closes."""
        silence = asyncio.get_running_loop().call_later(HELLO_TIMEOUT, self._close_if_silent)
        looking = asyncio.create_task(self._look())
        try:
            with self._page.bridge.page(), contextlib.suppress(ConnectionClosed):
                async for message in self._socket:
                    await self._take(message)
        finally:
            silence.cancel()
            looking.cancel()
            await self._end()

    def has_greeted(self) -> bool:
        """Has the page said hello?"""
        return bool(self._page.cn)

    def make_room(self) -> None:
        """Close it for having said no hello."""
        self._start(self._socket.close(POLICY, "no hello"))

    def _close_if_silent(self) -> None:
        if not self.has_greeted():
            self.make_room()

    async def _look(self) -> None:
        """A page of a server that is not paired any more is as good as gone."""
        while self._page.is_paired():
            await asyncio.sleep(LOOK_SECONDS)
        await self._part()

    async def _part(self) -> None:
        """What the person still reads ends before the page has agreed to the closing."""
        self._let_go()
        await self._socket.close(POLICY, "not paired")

    def _let_go(self) -> None:
        """Drop every call; a token that signs already goes on, and its results are kept."""
        for call in self._calls - {asyncio.current_task()}:
            call.cancel()
        if self._page.signing is not None:
            self._page.signing.abandon()

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _end(self) -> None:
        self._page.leave()
        self._let_go()
        await signing.end(self._page)

    async def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._take_chunk(message)
        elif len(message.encode()) > rpc.MAX_TEXT:
            await self._socket.close(TOO_BIG, "text too long")
        else:
            await self._take_text(message)

    async def _take_chunk(self, chunk: bytes) -> None:
        if signing.expects_chunk(self._page):
            await signing.take_chunk(self._page, chunk)
        else:
            await self._socket.close(POLICY, "no chunk expected")

    async def _take_text(self, message: str) -> None:
        try:
            call = rpc.parse(message, {name: method.parameters for name, method in METHODS.items()})
        except rpc.Malformed as malformed:
            await self._socket.send(rpc.failure(malformed.id, malformed.error))
            return
        if len(self._calls) >= MAX_CALLS:
            await self._socket.close(POLICY, "too many calls")
        elif METHODS[call.method].beside:
            self._start(self._answer(call))
        else:
            await self._answer(call)

    async def _answer(self, call: rpc.Call) -> None:
        is_paired = self._page.is_paired()
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(await self._text_for(call, is_paired))
        if not is_paired:
            await self._part()

    async def _text_for(self, call: rpc.Call, is_paired: bool) -> str:
        try:
            if not is_paired:
                raise NotPaired("not since the handshake")
            if not self._page.cn and call.method != "hello":
                raise InvalidRequest("hello first")
            return rpc.result(call.id, await METHODS[call.method].act(self._page, call.params))
        except BridgeError as error:
            log.info("%s: %s (%s)", call.method, error.name, error)
            return rpc.failure(call.id, error)
        except Exception as error:
            # Not the message: a driver's or library's words could hold anything.
            log.error("%s: unexpected %s", call.method, type(error).__name__)
            return rpc.failure(call.id, DeviceError())
