"""The authorities of a test: certificate provider, CRLs over HTTP, and a time-stamping authority in its own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cectrust.sdk.protocols import CertificateKind
from tests.support import local_tsa
from tests.support.pki import Entity, Pki

KIND = "test-pki"


class PkiProvider:
    """The test PKI as a certificate provider."""

    kind = CertificateKind(KIND, "試験用電子証明書", "Test certificate")

    def __init__(self, pki: Pki, host: str) -> None:
        self._pki, self._host = pki, host

    def anchors(self) -> list[bytes]:
        return [self._pki.root.der]

    def intermediates(self) -> list[bytes]:
        return [self._pki.issuing.der]

    def accepts(self, certificate: bytes) -> bool:
        return certificate not in self.anchors()

    def revocation_hosts(self) -> frozenset[str]:
        return frozenset({self._host})


@contextmanager
def publishing() -> Iterator[ThreadingHTTPServer]:
    """Serves the CRLs of the PKI that is set as its ``pki`` afterwards: certificates name the port first."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Authority) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Authority(BaseHTTPRequestHandler):
    """Publishes the test PKI's CRLs."""

    def do_GET(self) -> None:
        entity = getattr(self.server.pki, self.path.strip("/").removesuffix(".crl"))  # type: ignore[attr-defined]
        body = entity.crl()
        self.send_response(200)
        self.send_header("Content-Type", "application/pkix-crl")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Quiet: the tests look at what the house does."""


@contextmanager
def tsa_process(directory: Path, tsa: Entity) -> Iterator[str]:
    """The local TSA as a process with the test PKI's TSA certificate; yields its URL."""
    names = ("root.pem", "tsa.pem", "tsa.key", "serials")
    files = local_tsa.TsaFiles(*(directory / name for name in names))
    files.key.write_bytes(tsa.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files.certificate.write_bytes(tsa.pem)
    with local_tsa.running(files) as (_, url):
        yield url
