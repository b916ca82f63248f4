"""A real time-stamping authority for tests: the local TSA as a process, with a root of its own."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.key_usage import usage

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class TsaFiles:
    """What the authority is started with, and the root that its tokens are judged by."""

    root: Path
    certificate: Path
    key: Path
    serials: Path


def make_key(kind: str) -> Key:
    """``rsa`` (2048 bits) or ``ec`` (P-256)."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def make_files(directory: Path, kind: str = "ec") -> TsaFiles:
    """A root and, under it, a certificate for time-stamping alone (RFC 3161, 2.3)."""
    root_key, key = make_key("ec"), make_key(kind)
    root_name, name = _name("試験用 TSA ルート 認定外"), _name("試験用 TSA 認定外")
    root = _certificate(root_name, root_name, root_key, root_key, ca=True)
    certificate = _certificate(root_name, name, root_key, key, ca=False)
    files = TsaFiles(directory / "root.pem", directory / "tsa.pem", directory / "tsa.key", directory / "serials")
    files.root.write_bytes(root.public_bytes(Encoding.PEM))
    files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


@contextmanager
def running(files: TsaFiles) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its URL; ended with the block unless it ended before."""
    command = [sys.executable, "-m", "cectrust.builtin.local_tsa", "--port", "0"]
    options = {"--key": files.key, "--certificate": files.certificate, "--serials": files.serials}
    arguments = [str(part) for pair in options.items() for part in pair]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait()


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    )


def _certificate(issuer: x509.Name, subject: x509.Name, issuer_key: Key, key: Key, *, ca: bool) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(usage(ca), critical=True)
    )
    if not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
