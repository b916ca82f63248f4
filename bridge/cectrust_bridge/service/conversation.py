"""What one page has said over one connection, and what it may therefore do (PROTOCOL.md sections 4 and 5)."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed

from ..formats import jose, rpc
from ..pairing.model import Pairing
from ..profile.kept import RequestName
from ..requests import request
from ..signing.course import Signing
from .bridge import Bridge

Send = Callable[[str], Awaitable[None]]
Clock = Callable[[], float]


@dataclass(eq=False)
class Conversation:
    """State of one connection. Everything in it dies with the socket; only kept results outlive it.

    `capabilities` are the names of the methods. `monotonic` and `wall` are seconds: age is measured
    by the first, because PC clocks are often wrong.
    """

    bridge: Bridge
    origin: str
    server: Pairing
    send: Send
    capabilities: tuple[str, ...]
    monotonic: Clock = time.monotonic
    wall: Clock = time.time
    cn: str = ""
    signing: Signing | None = None
    handed: set[str] = field(default_factory=set)
    """`jti`s of the kept results that this connection was given, and may therefore acknowledge."""
    _hello_at: float = 0.0
    _used: set[tuple[str, str]] = field(default_factory=set)
    _is_over: bool = False

    def is_paired(self) -> bool:
        """Does this origin still belong to the server that it belonged to at the handshake?

        What else its pairing says by now (names, the user) is taken over.
        """
        now = self.bridge.profile.book.current().get(self.origin)
        if now is None or (now.issuer, now.identity) != (self.server.issuer, self.server.identity):
            return False
        self.server = now
        return True

    def greet(self) -> str:
        """A new nonce, from which requests are counted; requests made for the one before are void."""
        self.cn, self._hello_at = jose.b64url(secrets.token_bytes(32)), self.monotonic()
        return self.cn

    def verified(self, method: str, params: Mapping[str, Any]) -> request.Request:
        """The server's request in `params`, used up from here on. Raises what `request.verify` raises."""
        known = request.Circumstances(
            method=method,
            origin=self.origin,
            bridge_id=self.bridge.tools.identity.bridge_id,
            cn=self.cn,
            age=self.monotonic() - self._hello_at,
            wall=self.wall(),
            used=self._used,
            pairing=self.server,
        )
        verified = request.verify(params["request"], params["request_key"], known)
        self._used.add((verified.op, verified.jti))
        return verified

    def named(self, jti: str) -> RequestName:
        """A request of this page's server and origin."""
        return RequestName(self.server.issuer, self.origin, jti)

    def signed(self, verified: request.Request, more: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to `verified` with its `bridge_signature`."""
        identity = self.bridge.tools.identity
        always = {"v": 1, "op": verified.op, "bridge_id": identity.bridge_id}
        return identity.sign_result({**always, "origin": self.origin, "jti": verified.jti, **more})

    async def notify(self, method: str, params: Mapping[str, Any]) -> None:
        """Tell the page, if it is still there."""
        with contextlib.suppress(ConnectionClosed):
            await self.send(rpc.notification(method, params))

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Whatever the page learns of tokens in here, that there is none included, it hears when it changes."""
        try:
            yield
        finally:
            if not self._is_over:  # a call that the closing of the page has ended ends after it
                self.bridge.watch.showed(self)

    def leave(self) -> None:
        """The page is gone: from now on it hears nothing."""
        self._is_over = True
        self.bridge.watch.leave(self)

    def may_list(self) -> bool:
        """Has the person allowed this page's origin to see tokens?"""
        return self.bridge.profile.may_list(self.server, self.origin)

    async def tokens_changed(self) -> None:
        """`token.changed`; what there is now, the page asks with `token.list`."""
        await self.notify("token.changed", {})
