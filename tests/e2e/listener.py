"""What a bridge is to a page that it is not paired with: 403 without a word. It remembers who knocked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Handshakes = list[str]
"""The ``Origin`` of each WebSocket handshake that arrived."""


@contextmanager
def refusing_everybody(port: int) -> Iterator[Handshakes]:
    heard: Handshakes = []

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.headers.get("Upgrade") == "websocket":
                heard.append(self.headers.get("Origin", ""))
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield heard
        finally:  # else a failed assertion leaves the run waiting for this thread
            server.shutdown()
            thread.join()
