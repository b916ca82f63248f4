"""Stands between the house and its time-stamping authority, and has moods."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto.tsp import TimeStampReq
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from tests.support.pki import LocalTimestamper, issue, rsa_key

REPLY = "application/timestamp-reply"


@cache
def foreign() -> DummyTimeStamper:
    """Another authority, all in order but for its root: what an authority's new certificate looks like at first."""
    root = issue("よそのTSAルート", rsa_key(2048, 20), None, ca=True)
    return LocalTimestamper(issue("よそのTSA", rsa_key(2048, 21), root, tsa=True)).authority


class Relay(ThreadingHTTPServer):
    """``mood``: empty (passes everything on), ``refusing``, ``garbage``, ``silent`` or ``wrong root``."""

    daemon_threads = True

    def __init__(self, authority: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.authority, self.mood, self.asked = authority, "", 0
        self.over = threading.Event()

    @contextmanager
    def behaving(self, mood: str) -> Iterator[None]:
        """In this mood meanwhile, counting anew what it is asked; well again afterwards, whatever happened."""
        self.mood, self.asked = mood, 0
        try:
            yield
        finally:
            self.mood = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    server: Relay

    def do_POST(self) -> None:
        question = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        match self.server.mood:
            case "":
                self._answer(200, self._passed_on(question))
            case "refusing":
                self._answer(503, b"")
            case "garbage":
                self._answer(200, b"\x30\x03\x02\x01\x00 no token")
            case "wrong root":
                self._answer(200, foreign().request_tsa_response(TimeStampReq.load(question)).dump())
            case "silent":
                self.server.over.wait(60)

    def _passed_on(self, question: bytes) -> bytes:
        kind = {"Content-Type": "application/timestamp-query"}
        with urllib.request.urlopen(urllib.request.Request(self.server.authority, question, kind)) as answer:  # noqa: S310
            return bytes(answer.read())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", REPLY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Quiet: the tests look at what the house does."""


@contextmanager
def relaying(authority: str) -> Iterator[Relay]:
    """A relay in a thread of its own."""
    with Relay(authority) as relay:
        thread = threading.Thread(target=relay.serve_forever)
        thread.start()
        try:
            yield relay
        finally:
            relay.over.set()
            relay.shutdown()
            thread.join()
