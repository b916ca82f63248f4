"""A server to pair with, over http or TLS, that can be told to misbehave; it shares no code with the bridge."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import ceremony_cases as ceremony
import pytest
from cectrust_bridge.pairing import errors
from cectrust_bridge.profile.folder import Profile
from cectrust_bridge.service import ceremony as act
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tokens import SERVER_IDENTITY, Key, jwk

CODE = ceremony.shown(ceremony.CODE)
PAIRINGS, DESCRIPTION = "/signing/pairings", "/.well-known/cectrust-bridge"
HINT = "山田太郎（甲建設株式会社）"
Reply = tuple[int, dict[str, str], bytes]
JSON = {"Content-Type": "application/json"}


class PairingSite:
    """Knows one code. `replies` replaces what it says to a method and path; `requests` is all it was sent."""

    def __init__(self, context: ssl.SSLContext | None = None, host: str = "localhost") -> None:
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self.http.daemon_threads = True
        if context is not None:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "http" if context is None else "https"
        self.origin = f"{scheme}://{host}:{self.http.server_address[1]}"
        self.identity: Key = SERVER_IDENTITY
        self.code = ceremony.CODE
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.replies: dict[str, Callable[[dict[str, Any]], Reply]] = {}

    def facts(self) -> dict[str, Any]:
        ours = {"issuer": self.origin, "origins": [self.origin], "identity_key": jwk(self.identity)}
        return {**ceremony.DESCRIPTION, **ours}

    def answer(self, path: str, message: dict[str, Any]) -> Reply:
        self.requests.append((path, message))
        if path in self.replies:
            return self.replies[path](message)
        if path == "/.well-known/cectrust-bridge":
            return 200, JSON, json.dumps(self.facts()).encode()
        if path == "/signing/pairings":
            return self.sealed(message)
        return 200, JSON, b'{"removed": true, "v": 1}'

    def sealed(self, message: dict[str, Any], **changes: Any) -> Reply:
        """The right answer to a pairing request."""
        bridge = ceremony.named(message["jwk"])
        made = ceremony.answer(message, self.code, **{**self.facts(), "bridge_id": bridge, **changes})
        return 201, JSON, json.dumps(made).encode()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: PairingSite, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._send(self.site.answer(self.path, {}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(self.site.answer(self.path, body))

    def _send(self, reply: Reply) -> None:
        status, headers, body = reply
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def served(site: PairingSite) -> Iterator[PairingSite]:
    site.http.handle_error = lambda *_: None  # type: ignore[method-assign]  # a handshake that the bridge broke off
    thread = threading.Thread(target=site.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        site.http.shutdown()
        thread.join()
        site.http.server_close()


class Authority:
    """A certification authority of a test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "試験用認証局")])
        built = self._built(self.name, self.key, 3650, x509.BasicConstraints(ca=True, path_length=0))
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        certificate = built.add_extension(usage, critical=True).sign(self.key, SHA256())
        self.file = folder / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(Encoding.PEM))

    def server(self, host: str, days: int = 1) -> ssl.SSLContext:
        """A server's context with a certificate for `host` that ends in `days`."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        built = self._built(name, key, days, x509.BasicConstraints(ca=False, path_length=None))
        names = x509.SubjectAlternativeName([_name(host)])
        pem = built.add_extension(names, critical=False).sign(self.key, SHA256()).public_bytes(Encoding.PEM)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "server.pem").write_bytes(pem + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem")
        return context

    def _built(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int, kind: x509.BasicConstraints
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            x509.CertificateBuilder(self.name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=30))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(kind, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(ours, critical=False)
        )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def refusal(profile: Profile, address: str, code: str = CODE) -> type[Exception]:
    """Why there is no pairing; nothing may be left behind."""
    with pytest.raises(errors.PairingError) as refused:
        act.pair(profile, address, code)
    assert refused.value.ja.endswith("。")
    assert refused.value.en.endswith(".")
    return type(refused.value)
