"""Machines of attackers: a name server that changes its mind, and a program that took the bridge's port."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import threading
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from driver import b64, es256
from websockets.sync.server import ServerConnection, serve


class RebindingProxy:
    """A SOCKS 5 proxy (RFC 1928): every name leads to `port` of this computer, and `port` may change at any time.

    That is DNS rebinding as the browser sees it: one name, one origin, first one machine behind it and then another.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.own_port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._lead, args=(connection,), daemon=True).start()

    def _lead(self, asking: socket.socket) -> None:
        with asking, contextlib.suppress(OSError, IndexError):
            asking.recv(asking.recv(2)[1])
            asking.sendall(b"\5\0")
            kind = asking.recv(4)[3]
            asking.recv((asking.recv(1)[0] if kind == 3 else 4 if kind == 1 else 16) + 2)
            with socket.create_connection(("127.0.0.1", self.port)) as answering:
                asking.sendall(b"\5\0\0\1" + bytes(6))
                back = threading.Thread(target=_pump, args=(answering, asking), daemon=True)
                back.start()
                _pump(asking, answering)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while octets := source.recv(65536):
            sink.sendall(octets)
        sink.shutdown(socket.SHUT_WR)


class Squatter:
    """Sits on a port of the bridge and plays it as well as it can without the bridge's key."""

    def __init__(self, bridge_id: str) -> None:
        self._bridge_id = bridge_id
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.heard: list[str] = []

    def talk(self, page: ServerConnection) -> None:
        for message in page:
            call = json.loads(message)
            self.heard.append(call["method"])
            page.send(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": self._hello(page, call["params"])}))

    def _hello(self, page: ServerConnection, params: dict[str, Any]) -> dict[str, Any]:
        assert page.request is not None
        cn = b64(secrets.token_bytes(32))
        parts = ("cectrust-bridge-hello-v1", page.request.headers["Origin"], params["challenge"], cn, "1")
        signature = es256(self._key, "\0".join((*parts, self._bridge_id)).encode())
        return {"version": 1, "capabilities": [], "bridge_id": self._bridge_id, "cn": cn, "signature": signature}


class Dumb:
    """Sits on a port of the bridge and answers with the same words always, or not at all."""

    def __init__(self, *words: str | bytes) -> None:
        self._words = words

    def talk(self, page: ServerConnection) -> None:
        for message in page:
            for words in self._words:
                page.send(words.replace("ID", str(json.loads(message)["id"])) if isinstance(words, str) else words)


@contextlib.contextmanager
def squatting(squatter: Squatter | Dumb) -> Iterator[int]:
    """Its port."""
    with serve(squatter.talk, "127.0.0.1", 0, subprotocols=["cectrust-bridge.v1"], compression=None) as server:  # type: ignore[list-item]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.socket.getsockname()[1]
