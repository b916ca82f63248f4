"""Real TCP servers that say exactly what a test tells them to, byte by byte."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Exchange:
    """One connection whose request was read; ``over`` is set when the test is over."""

    connection: socket.socket
    request: bytes
    over: threading.Event

    @property
    def body(self) -> bytes:
        return self.request.partition(b"\r\n\r\n")[2]


Script = Callable[[Exchange], None]


@dataclass
class WireServer:
    """What a scripted server heard."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def pair(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}"})


def answer(body: bytes, head: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n") -> Script:
    """A complete answer of known length."""

    def script(exchange: Exchange) -> None:
        exchange.connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    return script


def raw(data: bytes) -> Script:
    """Just these bytes, then the end of the connection."""

    def script(exchange: Exchange) -> None:
        exchange.connection.sendall(data)

    return script


def drip(start: bytes, piece: bytes, every: float) -> Script:
    """``start``, then ``piece`` again and again, slowly (slow-loris from the server's side)."""

    def script(exchange: Exchange) -> None:
        exchange.connection.sendall(start)
        while not exchange.over.wait(every):
            exchange.connection.sendall(piece)

    return script


@contextmanager
def serving(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[WireServer]:
    """Answer every connection on a free loopback port with ``script``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = WireServer(listener.getsockname()[1])
        accepting = threading.Thread(target=_accept, args=(listener, server, script, tls))
        accepting.start()
        try:
            yield server
        finally:
            server.over.set()
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listener: socket.socket, server: WireServer, script: Script, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with suppress(OSError), connection:
                secured = tls.wrap_socket(connection, server_side=True) if tls else connection
                with secured:
                    server.requests.append(_request(secured))
                    script(Exchange(secured, server.requests[-1], server.over))


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        if not (piece := connection.recv(65536)):
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body
