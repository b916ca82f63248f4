"""One connection of one page: hello, the requests it may make, and the signing it has under way."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import platform
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from . import __version__, consent, documents, jose, request, rpc
from .bridge import Bridge
from .errors import (
    BridgeError,
    Busy,
    DeviceError,
    InvalidParams,
    InvalidRequest,
    NoSuchRequest,
    Replay,
    VersionUnsupported,
)
from .pairing import Pairing
from .protocol import VERSION
from .signing import Signing

HELLO_TIMEOUT = 10.0
RECEIVE_TIMEOUT = 300.0
POLICY, TOO_BIG = 1008, 1009
Method = Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]
log = logging.getLogger(__name__)


class Connection:
    """State of one WebSocket. Everything in it dies with the socket; only kept results outlive it."""

    def __init__(self, bridge: Bridge, socket: ServerConnection, origin: str, server: Pairing) -> None:
        self._bridge, self._socket, self._origin, self._server = bridge, socket, origin, server
        self._cn, self._hello_at = "", 0.0
        self._used: set[tuple[str, str]] = set()
        self._handed: set[str] = set()
        self._signing: Signing | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._deadline: asyncio.TimerHandle | None = None
        self._methods: dict[str, Method] = {
            "hello": self._hello,
            "env.check": self._env_check,
            "token.list": self._token_list,
            "cert.list": self._cert_list,
            "sign.begin": self._sign_begin,
            "sign.confirm": self._sign_confirm,
            "sign.cancel": self._sign_cancel,
            "sign.resume": self._sign_resume,
            "sign.ack": self._sign_ack,
        }

    async def serve(self) -> None:
        """Until the socket closes."""
        silence = asyncio.get_running_loop().call_later(HELLO_TIMEOUT, self._close_if_silent)
        try:
            with self._bridge.page(), contextlib.suppress(ConnectionClosed):
                async for message in self._socket:
                    await self._take(message)
        finally:
            silence.cancel()
            await self._end()

    def _close_if_silent(self) -> None:
        if not self._cn:
            self._start(self._socket.close(POLICY, "no hello"))

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _end(self) -> None:
        for call in list(self._calls):
            call.cancel()
        signing = self._signing
        if signing is not None:
            signing.abandon()
            await signing.finished()
            self._release(signing)

    async def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            await self._take_chunk(message)
        elif len(message.encode()) > rpc.MAX_TEXT:
            await self._socket.close(TOO_BIG, "text too long")
        else:
            await self._take_text(message)

    async def _take_text(self, message: str) -> None:
        try:
            call = rpc.parse(message)
        except rpc.Malformed as malformed:
            await self._socket.send(rpc.failure(malformed.id, malformed.error))
            return
        # Slow ones run beside the loop, so that sign.cancel and pings get through.
        if call.method in ("token.list", "cert.list", "sign.confirm"):
            self._start(self._answer(call))
        else:
            await self._answer(call)

    async def _answer(self, call: rpc.Call) -> None:
        try:
            if not self._cn and call.method != "hello":
                raise InvalidRequest("hello first")
            text = rpc.result(call.id, await self._methods[call.method](call.params))
        except BridgeError as error:
            log.info("%s: %s (%s)", call.method, error.name, error)
            text = rpc.failure(call.id, error)
        except Exception as error:
            # Not the message: a driver's or library's words could hold anything.
            log.error("%s: unexpected %s", call.method, type(error).__name__)
            text = rpc.failure(call.id, DeviceError())
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(text)

    async def _hello(self, params: Mapping[str, Any]) -> dict[str, Any]:
        lowest, highest, challenge = params["min"], params["max"], params["challenge"]
        _check_hello(lowest, highest, challenge)
        if self._signing is not None:
            raise Busy
        self._bridge.warm()
        self._cn, self._hello_at = jose.b64url(secrets.token_bytes(32)), time.monotonic()
        identity = self._bridge.tools.identity
        signature = identity.sign_hello(self._origin, challenge, self._cn)
        return {
            "version": VERSION,
            "capabilities": list(rpc.METHODS),
            "bridge_id": identity.bridge_id,
            "cn": self._cn,
            "signature": signature,
        }

    async def _env_check(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "bridge_version": __version__,
            "platform": platform.system(),
            "python": platform.python_version(),
            "modules": self._bridge.tools.modules.states(),
        }

    def _verified(self, method: str, params: Mapping[str, Any]) -> request.Request:
        known = request.Circumstances(
            method=method,
            origin=self._origin,
            bridge_id=self._bridge.tools.identity.bridge_id,
            cn=self._cn,
            age=time.monotonic() - self._hello_at,
            wall=time.time(),
            used=self._used,
            pairing=self._server,
        )
        verified = request.verify(params["request"], params["request_key"], known)
        self._used.add((verified.op, verified.jti))
        return verified

    async def _token_list(self, params: Mapping[str, Any]) -> dict[str, Any]:
        verified = self._verified("token.list", params)
        with self._bridge.occupied():
            await self._may_list()
            tokens = await self._bridge.tools.modules.tokens()
        return self._signed(verified, {"tokens": [token.as_json() for token in tokens]})

    async def _cert_list(self, params: Mapping[str, Any]) -> dict[str, Any]:
        verified = self._verified("cert.list", params)
        with self._bridge.occupied():
            await self._may_list()
            certificates = await self._bridge.tools.modules.certificates()
        return self._signed(verified, {"certificates": [each.as_json() for each in certificates]})

    async def _may_list(self) -> None:
        """Ask the person once for this server and origin."""
        profile = self._bridge.profile
        if profile.may_list(self._server, self._origin):
            return
        await self._bridge.ask(consent.listing_question(self._server, self._origin))
        profile.remember_listing(self._server, self._origin)

    def _signed(self, verified: request.Request, more: Mapping[str, Any]) -> dict[str, Any]:
        identity = self._bridge.tools.identity
        always = {"v": 1, "op": verified.op, "bridge_id": identity.bridge_id}
        return identity.sign_result({**always, "origin": self._origin, "jti": verified.jti, **more})

    async def _sign_begin(self, params: Mapping[str, Any]) -> dict[str, Any]:
        verified = self._verified("sign.begin", params)
        documents.check_limits(verified.docs)
        if self._bridge.tools.kept.find(self._server.issuer, self._origin, verified.jti) is not None:
            raise Replay("this request was signed already: resume it")
        self._bridge.occupy()
        receiver = documents.Receiver(verified.docs, self._bridge.profile.folder)
        self._signing = Signing(self._bridge.tools, self._server, self._origin, verified, receiver, self._progress)
        self._deadline = asyncio.get_running_loop().call_later(RECEIVE_TIMEOUT, self._forget, self._signing)
        return {"jti": verified.jti, "chunk_size": documents.CHUNK}

    def _forget(self, signing: Signing) -> None:
        """Never confirmed: make room for others."""
        if not signing.is_confirmed():
            self._release(signing)

    async def _take_chunk(self, chunk: bytes) -> None:
        signing = self._signing
        if signing is None or signing.is_confirmed() or not signing.receiver.expects_more():
            await self._socket.close(POLICY, "no chunk expected")
            return
        signing.receiver.take(chunk)
        await self._progress("receiving", signing.receiver.received, signing.receiver.total)

    async def _progress(self, phase: str, done: int, total: int) -> None:
        signing = self._signing
        if signing is not None:
            params = {"jti": signing.request.jti, "phase": phase, "done": min(done, total), "total": total}
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(rpc.notification("sign.progress", params))

    def _under_way(self, jti: object) -> Signing:
        if self._signing is None or self._signing.request.jti != jti:
            raise NoSuchRequest
        return self._signing

    async def _sign_confirm(self, params: Mapping[str, Any]) -> dict[str, Any]:
        signing = self._under_way(params["jti"])
        if signing.is_confirmed():
            raise Busy
        try:
            result = await signing.confirm()
        finally:
            # A closed page lets go of this call; the signing itself is then ended by `_end`.
            if signing.is_finished():
                self._release(signing)
        self._handed.add(signing.request.jti)
        return result

    def _release(self, signing: Signing) -> None:
        if self._signing is signing:
            self._signing = None
            signing.receiver.close()
            self._bridge.release()
            if self._deadline is not None:
                self._deadline.cancel()

    async def _sign_cancel(self, params: Mapping[str, Any]) -> dict[str, Any]:
        signing = self._under_way(params["jti"])
        signing.cancel()
        if not signing.is_confirmed():
            self._release(signing)
        return {"jti": signing.request.jti, "cancelled": True}

    async def _sign_resume(self, params: Mapping[str, Any]) -> dict[str, Any]:
        verified = self._verified("sign.resume", params)
        kept = self._bridge.tools.kept.find(self._server.issuer, self._origin, verified.jti)
        if kept is None:
            raise NoSuchRequest
        self._handed.add(verified.jti)
        return kept

    async def _sign_ack(self, params: Mapping[str, Any]) -> dict[str, Any]:
        jti = params["jti"]
        if jti not in self._handed:
            raise NoSuchRequest
        self._handed.discard(jti)
        if not self._bridge.tools.kept.acknowledge(self._server.issuer, self._origin, jti):
            raise NoSuchRequest
        return {"jti": jti, "acknowledged": True}


def _check_hello(lowest: object, highest: object, challenge: object) -> None:
    if type(lowest) is not int or type(highest) is not int or not 1 <= lowest <= highest:
        raise InvalidParams("min and max")
    try:
        jose.from_b64url(challenge, 32)
    except ValueError as error:
        raise InvalidParams("challenge") from error
    if not lowest <= VERSION <= highest:
        raise VersionUnsupported
