"""The authority over HTTP (RFC 3161, 3.4): POST of a query, answered by a reply."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from cectrust.builtin.local_tsa.authority import REQUEST_LIMIT, Authority
from cectrust.builtin.rfc3161 import QUERY, REPLY


class Server(ThreadingHTTPServer):
    """Listens on one address; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], authority: Authority) -> None:
        self.authority = authority
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "CECTRUST-local-TSA"
    sys_version = ""
    timeout: ClassVar[float] = 10

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.headers.get_content_type() != QUERY:
            self._refuse(415)
        elif not length.isdecimal():
            self._refuse(411)
        elif int(length) > REQUEST_LIMIT:
            self._refuse(413)
        else:
            self._answer(self.server.authority.respond(self.rfile.read(int(length))))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: every request looks the same."""

    def _answer(self, reply: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", REPLY)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self.send_error(status)
