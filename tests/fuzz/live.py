"""Targets: whole conversations over a connection that lives, and the octets before them."""

from __future__ import annotations

import hashlib
from typing import Any

from cectrust_bridge.protocol import SUBPROTOCOL
from cectrust_bridge.transport.front import MAX_MESSAGE
from cectrust_bridge.transport.waiting import MAX_HEAD, _Patient
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from bridge.tests.driver import ORIGIN
from tests.fuzz.desk import CERTIFICATE, CONTRACT
from tests.fuzz.stage import PORT, stage
from tests.fuzz.target import Target, compact


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


class Taken(ServerConnection):
    """Takes what the guard before it lets through."""

    taken = b""

    def data_received(self, data: bytes) -> None:
        """To the library's parser, as the library does."""
        self.taken += data
        self.protocol.receive_data(data)


class Guarded(_Patient, Taken):
    """The guard with nothing behind it but a parser; made without a loop, a server or a socket."""

    aborted = False

    def __init__(self) -> None:
        self.protocol = ServerProtocol(subprotocols=None, max_size=MAX_MESSAGE)
        self.transport: Any = self

    def abort(self) -> None:
        """The socket is cut."""
        self.aborted = True


def head(data: bytes) -> None:
    """However the octets of a head arrive, no more than one head reaches the parser before it was answered.

    The first octet says how large the pieces are.
    """
    guarded, size, octets = Guarded(), 1 + data[:1][0] * 16 if data else 1, data[1:]
    for start in range(0, len(octets), size):
        guarded.data_received(octets[start : start + size])
        if guarded.aborted:
            break
    before, end, _ = guarded.taken.partition(b"\r\n\r\n")
    assert guarded.taken == before + end
    assert len(guarded.taken) <= MAX_HEAD
    assert guarded.aborted or guarded.taken == octets


def _check_admitted(request: Request) -> None:
    assert request.headers.get_all("Host") == [f"127.0.0.1:{PORT}"]
    assert request.headers.get_all("Origin") == [ORIGIN]
    offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol")).split(",")
    assert SUBPROTOCOL in [each.strip() for each in offered]


def _says(method: str, **params: object) -> bytes:
    return compact({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})


HELLO = _says("hello", min=1, max=1, challenge="A" * 43)


def _document(octets: bytes, name: str = "doc-1") -> dict[str, object]:
    return {
        "id": name, "sha256": hashlib.sha256(octets).hexdigest(), "size": len(octets),
        "title": "契約書", "partner": "乙", "amount": 1, "currency": "JPY", "pages": 1,
    }  # fmt: skip


def _begins(*documents: dict[str, object]) -> bytes:
    asked = {"cert_sha256": CERTIFICATE.sha256, "mechanism": "ecdsa_sha256", "format": "pades"}
    return _asks("sign.begin", **asked, docs=list(documents), jti="j" * 16)


def _asks(method: str, **claims: object) -> bytes:
    return b"*" + compact({"method": method, **claims})


BEGIN, CONTRACTS = _begins(_document(b"abc")), _begins(_document(CONTRACT), _document(CONTRACT, "doc-2"))
LOGIN = _asks(
    "auth.sign", cert_sha256=CERTIFICATE.sha256, mechanism="ecdsa_sha256",
    auth={"nonce": "A" * 43, "purpose": "login", "act": None},
)  # fmt: skip
GENERATE = _asks(
    "key.generate", token={"module": "Card", "serial": "0001", "model": "model"},
    key={"type": "p256", "label": "key", "change_pin": False},
)  # fmt: skip
RESUME = _asks("sign.resume", jti="j" * 16)
CONFIRM, CANCEL, ACK = (_says(f"sign.{name}", jti="j" * 16) for name in ("confirm", "cancel", "ack"))
CONVERSATIONS = [
    b"\n".join(lines)
    for lines in (
        [HELLO, _says("env.check")],
        [HELLO, BEGIN, b"=abc", CONFIRM],
        [HELLO, BEGIN, b"=ab", b"=c", CANCEL, ACK],
        [HELLO, BEGIN, b"=abcd", CONFIRM, CONFIRM],
        [HELLO, CONTRACTS, b"@", b"@", CONFIRM, b"?", ACK],
        [HELLO, CONTRACTS, b"@", b"@", CONFIRM, b"?", HELLO, RESUME, b"?", ACK],
        [HELLO, CONTRACTS, b"@", b"@", b"-", CONFIRM],
        [HELLO, CONTRACTS, b"@", b"@", CONFIRM, CANCEL],
        [HELLO, CONTRACTS, b"@", b"@", CONFIRM, b"."],
        [HELLO, LOGIN, b"?", HELLO, GENERATE],
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
    Target("handshake", handshake, [OPENING + each for each in FRAMES], 90),
    Target("head", head, [size + OPENING + each for size in (b"\0", b"\x05", b"\xff") for each in FRAMES[:2]], 40),
)
