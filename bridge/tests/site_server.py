"""A page with the browser client, and the server behind it."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from driver import Server, b64

CLIENT = Path(__file__).parents[2] / "cectrust" / "static"
SCRIPTS = ("/bridge-client.js", "/bridge-reach.js")
HELPERS = """
async () => {
  const client = await import("/bridge-client.js");
  const post = async (path, body) => (await fetch(path, {method: "POST", body: JSON.stringify(body)})).json();
  const verifyHello = (hello) => post("/verify", hello);
  const options = {newChallenge: () => post("/challenge", {}), verifyHello};
  const outcome = async (work) => {
    try { return {ok: await work()}; }
    catch (error) { return {code: error.code, text: String(error), data: error.data}; }
  };
  const signed = (bridge, op, claims = {}) => post("/request", {cn: bridge.cn, op, claims});
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  Object.assign(window, {client, options, outcome, signed, bytes});
}
"""
"""What scripts of tests find in their page."""
PAGE = b"<!doctype html><meta charset=utf-8><title>test</title><body><h1>test</h1>"


class Site:
    """A tiny server of pages: it verifies hello and signs requests, as CECTRUST does."""

    def __init__(self) -> None:
        self.server: Server | None = None
        handler = partial(SiteHandler, self)
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, path: str, body: dict[str, Any]) -> Any:
        assert self.server is not None
        if path == "/challenge":
            return b64(secrets.token_bytes(32))
        if path == "/verify":
            return self.knows(body)
        return self.server.request(body["cn"], body["op"], **body["claims"])

    def knows(self, hello: dict[str, Any]) -> bool:
        assert self.server is not None
        try:
            self.server.check_hello(hello["challenge"], hello["answer"])
        except InvalidSignature:
            return False
        return True


@contextmanager
def served() -> Iterator[Site]:
    """A site that serves; whose ``server`` it speaks for is set afterwards."""
    site = Site()
    try:
        yield site
    finally:
        site.http.shutdown()
        site.http.server_close()


class SiteHandler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        script = self.path in SCRIPTS
        body = (CLIENT / self.path[1:]).read_bytes() if script else PAGE
        self._send("text/javascript" if script else "text/html", body)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send("application/json", json.dumps(self.site.answer(self.path, body)).encode())

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""
