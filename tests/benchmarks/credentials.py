"""A signer and its revocation data in one file, so that the peer's process needs nothing of ours."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding


@dataclass
class Credentials:
    """DER certificates and CRLs, the RSA key as DER PKCS#8, the seal as PNG."""

    certificate: bytes
    issuer: bytes
    root: bytes
    key: bytes
    seal: bytes
    crls: tuple[bytes, ...]

    @cached_property
    def _private(self) -> Any:
        return serialization.load_der_private_key(self.key, None)

    def sign(self, data: bytes) -> bytes:
        """RSA PKCS#1 v1.5 with SHA-256."""
        signature: bytes = self._private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return signature

    def save(self, path: Path) -> None:
        single = {name: _text(getattr(self, name)) for name in ("certificate", "issuer", "root", "key", "seal")}
        path.write_text(json.dumps({**single, "crls": [_text(crl) for crl in self.crls]}))

    @classmethod
    def load(cls, path: Path) -> Credentials:
        data = json.loads(path.read_text())
        crls = tuple(base64.b64decode(crl) for crl in data.pop("crls"))
        return cls(**{name: base64.b64decode(value) for name, value in data.items()}, crls=crls)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
