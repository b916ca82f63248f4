"""A real time-stamping authority for tests: `openssl ts` with a root and a TSA certificate of its own."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

_SERIAL_FILE = threading.Lock()
_CONFIG = """
[tsa]
default_tsa = demo
[demo]
serial = {directory}/serial
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_chain = no
ess_cert_id_alg = sha256
signer_digest = sha256
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[req]
distinguished_name = dn
"""


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@dataclass(frozen=True)
class OpensslTimestamper:
    """An `sdk.protocols.Timestamper`; `root` is the PEM file of its trust anchor."""

    directory: Path
    name: str = "Test TSA (Not Accredited)"
    accredited: bool = False

    @property
    def root(self) -> Path:
        return self.directory / "root.pem"

    def timestamp(self, digest: bytes, algorithm: str = "sha256") -> bytes:
        with _SERIAL_FILE:
            return self._reply(digest, algorithm)

    def _reply(self, digest: bytes, algorithm: str) -> bytes:
        query, token = self.directory / "query.tsq", self.directory / "token.der"
        imprint = ["-digest", digest.hex(), f"-{algorithm}"]
        _openssl("ts", "-query", *imprint, "-cert", "-out", query)
        signer = ["-signer", self.directory / "tsa.pem", "-inkey", self.directory / "tsa.key"]
        config = ["-config", self.directory / "tsa.cnf"]
        _openssl("ts", "-reply", "-queryfile", query, *signer, *config, "-token_out", "-out", token)
        return token.read_bytes()


def make_timestamper(directory: Path) -> OpensslTimestamper:
    """Make root and TSA certificate (P-256) under `directory`; the certificates live ten years."""
    config = directory / "tsa.cnf"
    config.write_text(_CONFIG.format(directory=directory))
    (directory / "serial").write_text("01\n")
    for name in ("root", "tsa"):
        key = directory / f"{name}.key"
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    common = ["-x509", "-config", config, "-days", "3650", "-sha256"]
    root = ["-key", directory / "root.key", "-out", directory / "root.pem"]
    _openssl("req", *common, *root, "-subj", "/C=JP/O=Test/CN=Test TSA Root", "-extensions", "root")
    leaf = ["-key", directory / "tsa.key", "-out", directory / "tsa.pem", "-extensions", "leaf"]
    issuer = ["-CA", directory / "root.pem", "-CAkey", directory / "root.key"]
    _openssl("req", *common, *leaf, *issuer, "-subj", "/C=JP/O=Test/CN=Test TSA (Not Accredited)")
    return OpensslTimestamper(directory)
