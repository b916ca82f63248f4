"""Targets: a connection that lives, without a socket: whole conversations, and the octets before them."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from cectrust_bridge.bridge import Bridge
from cectrust_bridge.connection import Connection
from cectrust_bridge.front import MAX_MESSAGE, Front
from cectrust_bridge.pairing import Pairing
from cectrust_bridge.profile import Profile
from cectrust_bridge.protocol import SUBPROTOCOL
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.exceptions import ConnectionClosedOK
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from bridge.tests.driver import ISSUER, ORIGIN, Server
from tests.fuzz.target import Target, compact, json_of

PORT = 48710
MOST_MESSAGES = 8
RPC_ERRORS = range(-32768, -32000 + 1)


class ScriptedSocket:
    """Says what the input says: a line is a text message, or `=` and octets, or `*` and a request to have signed."""

    def __init__(self, data: bytes, server: Server) -> None:
        self._lines, self._server = data.split(b"\n")[:MOST_MESSAGES], server
        self.sent: list[dict[str, Any]] = []
        self.closed = False

    async def send(self, text: str) -> None:
        """What the bridge answers is JSON, and an error is one of ours."""
        if self.closed:
            raise ConnectionClosedOK(None, None)
        self.sent.append(json_of(text.encode()))
        error = self.sent[-1].get("error")
        assert error is None or error["code"] in RPC_ERRORS

    async def close(self, code: int, _: str) -> None:
        """The bridge has had enough."""
        assert code in (1008, 1009)
        self.closed = True

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        for line in self._lines:
            if self.closed:
                return
            yield self._message(line)
            await asyncio.sleep(0)

    def _message(self, line: bytes) -> str | bytes:
        if line[:1] == b"=":
            return line[1:]
        wanted = json_of(line[1:]) if line[:1] == b"*" else None
        if isinstance(wanted, dict) and isinstance(wanted.get("method"), str):
            return self._signed(wanted)
        return line.decode("utf-8", "replace")

    def _signed(self, wanted: dict[str, Any]) -> str:
        cn = [each["result"]["cn"] for each in self.sent if "cn" in each.get("result", ())][-1:]
        method = wanted.pop("method")
        claims = {name: value for name, value in wanted.items() if name not in ("cn", "op")}
        op = {"sign.begin": "sign"}.get(method, method)
        params = self._server.request("".join(cn), op, **claims)
        return compact({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).decode("utf-8", "replace")


class Unexpected(logging.Handler):
    """Hears what the bridge caught without knowing it: to the page that is a `device_error`, to us a defect."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it for the end of the conversation."""
        self.heard.append(record.getMessage())


class Stage:
    """A bridge without tokens, one paired server, and one loop for all inputs."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        profile = Profile(Path(self._folder.name) / "profile")
        (profile.folder / "config.toml").write_text("discover = false\n")
        identity = profile.identity()
        self.server = Server({"bridge_id": identity.bridge_id, "jwk": identity.jwk}, ORIGIN)
        key = self.server.identity.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        self.pairing = Pairing("試験", ISSUER, (ORIGIN,), key, "山田太郎")
        profile.book.add(self.pairing)
        profile.remember_listing(self.pairing, ORIGIN)
        self.bridge = Bridge(profile, "terminal")
        self.front = Front(self.bridge, profile.book, PORT)
        self.front._same_user = lambda *_: True
        self.loop = asyncio.new_event_loop()
        self.unexpected = Unexpected()
        logging.getLogger("cectrust_bridge").addHandler(self.unexpected)

    def converse(self, data: bytes) -> None:
        """The whole life of one connection; the desk is free again when it is over."""
        socket: Any = ScriptedSocket(data, self.server)
        self.loop.run_until_complete(self._live(socket))
        with self.bridge.occupied():
            assert self.unexpected.heard == []

    async def _live(self, socket: Any) -> None:
        connection = Connection(self.bridge, socket, ORIGIN, self.pairing)
        await connection.serve()
        await asyncio.gather(*connection._calls, return_exceptions=True)


STAGE: list[Stage] = []


def stage() -> Stage:
    """Set up at the first input."""
    if not STAGE:
        STAGE.append(Stage())
    return STAGE[0]


def conversation(data: bytes) -> None:
    """Whatever is said, every answer is an answer of ours, and nothing stays taken."""
    stage().converse(data)


class Peer:
    """Stands for the accepted socket: its owner is this very user."""

    remote_address = local_address = ("127.0.0.1", PORT)


def handshake(data: bytes) -> None:
    """Only one `Host`, one paired `Origin` and our sub-protocol come in; frames after them end in order."""
    front = stage().front
    protocol = ServerProtocol(subprotocols=None, max_size=MAX_MESSAGE)
    head, end, frames = data.partition(b"\r\n\r\n")
    protocol.receive_data(head + end)
    for event in protocol.events_received():
        if isinstance(event, Request) and front._may_connect(Peer(), event):  # type: ignore[arg-type]
            _check_admitted(event)
            response = protocol.accept(event)
            protocol.send_response(response)
            protocol.receive_data(frames)
            assert (protocol.state is State.CONNECTING) == (response.status_code != 101)


def _check_admitted(request: Request) -> None:
    assert request.headers.get_all("Host") == [f"127.0.0.1:{PORT}"]
    assert request.headers.get_all("Origin") == [ORIGIN]
    assert request.headers.get_all("Sec-WebSocket-Protocol") == [SUBPROTOCOL]


def _says(method: str, **params: object) -> bytes:
    return compact({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


HELLO = _says("hello", min=1, max=1, challenge="A" * 43)
DOCUMENT = {
    "id": "doc-1", "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "size": 3,
    "title": "契約書", "partner": "乙", "amount": 1, "currency": "JPY", "pages": 1,
}  # fmt: skip
BEGIN = b"*" + compact(
    {
        "method": "sign.begin", "cert_sha256": "0" * 64, "mechanism": "ecdsa_sha256", "format": "pades",
        "docs": [DOCUMENT], "jti": "j" * 16,
    }
)  # fmt: skip
CONFIRM, CANCEL, ACK = (_says(f"sign.{name}", jti="j" * 16) for name in ("confirm", "cancel", "ack"))
CONVERSATIONS = [
    b"\n".join(lines)
    for lines in (
        [HELLO, _says("env.check")],
        [HELLO, BEGIN, b"=abc", CONFIRM],
        [HELLO, BEGIN, b"=ab", b"=c", CANCEL, ACK],
        [HELLO, BEGIN, b"=abcd", CONFIRM, CONFIRM],
        [HELLO, b'*{"method":"cert.list"}', HELLO, b'*{"method":"sign.resume"}'],
        [HELLO, _says("sign.confirm", jti=["x"]), _says("sign.ack", jti={"x": 1})],
    )
]
OPENING = (
    f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nOrigin: {ORIGIN}\r\nSec-WebSocket-Protocol: {SUBPROTOCOL}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n"
).encode()
FRAMES = [
    b"",
    b"\x81\x82\0\0\0\0{}",
    b"\x82\xfe\0\x04\0\0\0\0abcd",
    b"\x89\x80\0\0\0\0",
    b"\x01\x81\0\0\0\0{\x80\x80\0\0\0\0",
]
TARGETS = (
    Target("conversation", conversation, CONVERSATIONS, 30),
    Target("handshake", handshake, [OPENING + each for each in FRAMES], 100),
)
