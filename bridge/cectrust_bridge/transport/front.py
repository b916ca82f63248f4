"""The WebSocket front: who may connect at all (PROTOCOL.md section 1)."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.headers import parse_subprotocol
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ..pairing.book import PairingBook
from ..protocol import PORTS, SUBPROTOCOL
from ..service.bridge import Bridge
from .connection import Connection
from .peer import PeerCheck, peer_check
from .places import Places
from .waiting import AT_ONCE, QUEUE, Waiting

MAX_MESSAGE = 1 << 20
log = logging.getLogger(__name__)


def bind(ports: Sequence[int] = PORTS) -> socket.socket:
    """An exclusive listening socket on the first free port; OSError if all are taken."""
    for port in ports:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform == "linux":
            # Exclusive all the same: Linux refuses the port while anybody listens. It only ignores what our own
            # connections left in TIME_WAIT; where another program's connection has the port, the next one is tried.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        elif sys.platform == "win32":
            # There another program may bind the same port beside us unless this is asked for.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        try:
            listening.bind(("127.0.0.1", port))
            listening.listen(QUEUE)
        except OSError:
            listening.close()
        else:
            return listening
    raise OSError(f"ports {', '.join(map(str, ports))} are taken on 127.0.0.1")


def _refusal(status: HTTPStatus) -> Response:
    headers = Headers({"Content-Length": "0", "Connection": "close"})
    return Response(status.value, status.phrase, headers, b"")


def _offers_ours(headers: Headers) -> bool:
    """Among what a page offers, in one header or several (RFC 6455 section 11.3.4), is this protocol."""
    try:
        return any(SUBPROTOCOL in parse_subprotocol(value) for value in headers.get_all("Sec-WebSocket-Protocol"))
    except InvalidHeader:
        return False


class Front:
    """Accepts connections of paired origins and nobody else."""

    def __init__(self, bridge: Bridge, book: PairingBook, port: int) -> None:
        self._bridge, self._book, self._port = bridge, book, port
        self._same_user: PeerCheck = peer_check()
        self._waiting = Waiting()
        self._places = Places()

    async def listen(self, listening: socket.socket) -> Server:
        """Serve on `listening` until the server is closed."""
        server = await serve(
            self._handle,
            sock=listening,
            process_request=self._refuse,
            create_connection=self._waiting.connections(),
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            open_timeout=3,
            ping_interval=20,
            ping_timeout=20,
            max_size=MAX_MESSAGE,
            backlog=AT_ONCE,
            server_header=None,
        )
        # asyncio has one number for the kernel's queue and for what it accepts at once.
        listening.listen(QUEUE)
        return server

    def _refuse(self, connection: ServerConnection, request: Request) -> Response | None:
        """The same 403 whatever was wrong; None lets the handshake go on."""
        if not self._may_connect(connection, request):
            log.info("refused a connection")
            return _refusal(HTTPStatus.FORBIDDEN)
        origin = request.headers["Origin"]
        if not self._places.has_room(origin):
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE)
        return None

    def _may_connect(self, connection: ServerConnection, request: Request) -> bool:
        headers = request.headers
        expected: dict[str, Callable[[str], Any]] = {
            "Host": lambda host: host == f"127.0.0.1:{self._port}",
            "Origin": self._book.current().__contains__,
            "Upgrade": lambda upgrade: upgrade.lower() == "websocket",
        }
        for name, is_right in expected.items():
            values = headers.get_all(name)
            if len(values) != 1 or not is_right(values[0]):
                return False
        if request.path != "/" or not _offers_ours(headers):
            return False
        return self._same_user(connection.remote_address, connection.local_address)

    async def _handle(self, socket: ServerConnection) -> None:
        self._waiting.leave(socket)
        if socket.request is None:
            return
        origin = socket.request.headers["Origin"]
        server = self._book.current().get(origin)
        if server is None:  # unpaired since the handshake
            return
        connection = Connection(self._bridge, socket, origin, server)
        if self._places.enter(connection, origin):
            try:
                await connection.serve()
            finally:
                self._places.leave(connection)
