"""The bridge's own key: made once per profile, signs hello and results (PROTOCOL.md sections 3 and 5)."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ..formats import durable, jose, strictjson
from ..protocol import VERSION

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """The bridge's identity; `bridge_id` is the RFC 7638 thumbprint of its public key."""

    key: jose.PrivateKey
    bridge_id: str

    @property
    def jwk(self) -> dict[str, str]:
        """The public key, for registration on the server."""
        return jose.jwk_of(self.key.public_key())

    def sign(self, octets: bytes) -> str:
        """ES256 over octets that begin with the domain of their message, b64url."""
        return jose.sign(self.key, octets)

    def sign_hello(self, origin: str, challenge: str, cn: str) -> str:
        """The signature of a hello answer, b64url."""
        parts = ("cectrust-bridge-hello-v1", origin, challenge, cn, str(VERSION), self.bridge_id)
        return jose.sign(self.key, b"\0".join(part.encode() for part in parts))

    def sign_result(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """The result with its `bridge_signature`."""
        octets = b"cectrust-bridge-result-v1\0" + strictjson.canonical(result)
        return {**result, "bridge_signature": jose.sign(self.key, octets)}


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _fill(path: Path) -> None:
    """An empty file holds no key that could be lost: a crash left it. Whoever comes second finds it filled."""
    import fcntl  # not on every system

    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.stat().st_size == 0:
            durable.write(path, _new_key())
            log.warning(
                "%s was empty, as a crash leaves it: there is a new key, and servers have to be paired anew", path
            )


def load_or_create(path: Path) -> Identity:
    """The identity kept at `path` (mode 0600); PermissionError if others may read it, ValueError if it is no key."""
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was quicker, and its key is ours
            durable.write_new(path, _new_key())
    if path.stat().st_mode & 0o077:
        raise PermissionError(f"{path} may be read by others")
    if path.stat().st_size == 0:
        _fill(path)
    key = _parse(path)
    return Identity(key, jose.thumbprint(key.public_key()))


def _parse(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} is not a whole key: restore it from a copy, or delete it and pair again") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ValueError(f"{path} is not a P-256 key")
    return key
