"""The keys themselves: identity and log key as files of mode 0600, request keys in memory, made anew every few days.

The identity key certifies request keys and does nothing else. Kept as a file beside the server it is for the demo;
``certify`` lets it stay offline: it writes a request key with its certificate, which a keyring without the
identity's private key then uses until it ends.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cectrust.keys import jose
from cectrust.sdk.errors import CectrustError, Conflict, Misconfigured

DAY = 86400
MAX_DAYS = 7
BACKDATED = 300
"""Seconds that a request key is valid before it is made, for clocks that go slightly apart."""

IDENTITY, IDENTITY_PUBLIC, LOG, REQUEST, REQUEST_CERTIFICATE = (
    "identity.pem",
    "identity.json",
    "log.pem",
    "request.pem",
    "request.jws",
)


@dataclass(frozen=True)
class RequestKey:
    """A request key and its certificate (``bridge/PROTOCOL.md``, 3); ``not_after`` in UNIX seconds."""

    key: ec.EllipticCurvePrivateKey
    kid: str
    certificate: str
    not_after: int


class Keyring:
    """All keys of one server."""

    def __init__(self, directory: Path, issuer: str, days: int = MAX_DAYS) -> None:
        """Raises ``Misconfigured``: a key is missing, unreadable, or other users may read it."""
        self.issuer = issuer
        self._directory, self._days = directory, days
        self._identity = _identity(directory) if (directory / IDENTITY).exists() else None
        self.identity_jwk = _public_identity(directory, self._identity)
        self.log_key = _log_key(directory)
        self._request: RequestKey | None = None

    def request_key(self, now: int) -> RequestKey:
        """The key for a request made at ``now`` (UNIX seconds); a new one in the last quarter of the old one's life.

        Raises:
            Conflict: the identity key is offline and the certified key has ended.
        """
        if self._request is None or self._is_old(self._request, now):
            self._request = self._next(now)
        return self._request

    def _is_old(self, request: RequestKey, now: int) -> bool:
        spare = 0 if self._identity is None else self._days * DAY // 4
        return now >= request.not_after - spare

    def _next(self, now: int) -> RequestKey:
        if self._identity is not None:
            return certified(self._identity, self.issuer, now, self._days)
        request = _certified_offline(self._directory, self.identity_jwk, self.issuer)
        if now >= request.not_after:
            raise Conflict(
                "request_key_ended",
                "署名依頼用の鍵の期限が切れています。管理者が cectrust keys certify で更新してください。",
                "The request key has ended; renew it with `cectrust keys certify`.",
            )
        return request


def make_keys(directory: Path) -> None:
    """Make identity and log key where they are missing; never replaces one."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (directory / IDENTITY).exists() and not (directory / IDENTITY_PUBLIC).exists():
        _write(directory / IDENTITY, _pem(ec.generate_private_key(ec.SECP256R1())))
    if not (directory / LOG).exists():
        _write(directory / LOG, _pem(Ed25519PrivateKey.generate()))


def certify(identity: Path, directory: Path, issuer: str, now: int, days: int = MAX_DAYS) -> RequestKey:
    """Where the identity key lies: write a request key, its certificate and the public identity into ``directory``."""
    private = _identity(identity.parent, identity.name)
    request = certified(private, issuer, now, days)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(directory / REQUEST, _pem(request.key))
    _write(directory / REQUEST_CERTIFICATE, request.certificate.encode())
    _write(directory / IDENTITY_PUBLIC, json.dumps(jose.jwk(private.public_key())).encode())
    return request


def certified(identity: ec.EllipticCurvePrivateKey, issuer: str, now: int, days: int) -> RequestKey:
    """A new request key, valid for ``days`` and never longer than seven."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = jose.jwk(key.public_key())
    kid, not_before = jose.thumbprint(public), now - BACKDATED
    not_after = not_before + min(days, MAX_DAYS) * DAY
    claims = {"v": 1, "iss": issuer, "kid": kid, "jwk": public, "nbf": not_before, "exp": not_after}
    name = jose.thumbprint(jose.jwk(identity.public_key()))
    return RequestKey(key, kid, jose.compact(identity, name, "cectrust-request-key+jws", claims), not_after)


def _certified_offline(directory: Path, identity: Mapping[str, str], issuer: str) -> RequestKey:
    """The key that was carried here, if the identity itself certified it for this server: what bridges will check."""
    key = _p256(_read(directory / REQUEST), directory / REQUEST)
    certificate = _read(directory / REQUEST_CERTIFICATE).decode()
    try:
        claims = jose.certified_claims(certificate, identity, "cectrust-request-key+jws")
        not_before, not_after, kid = int(claims["nbf"]), int(claims["exp"]), str(claims["kid"])
    except (ValueError, KeyError, TypeError) as error:
        raise _bad(directory / REQUEST_CERTIFICATE) from error
    own = jose.jwk(key.public_key())
    if (kid, claims["jwk"], claims["iss"]) != (jose.thumbprint(own), own, issuer):
        raise _bad(directory / REQUEST_CERTIFICATE, "鍵または発行者が違う", "of another key or issuer")
    if not 0 < not_after - not_before <= MAX_DAYS * DAY:
        raise _bad(directory / REQUEST_CERTIFICATE, "有効期間が 7 日を超える", "valid for more than seven days")
    return RequestKey(key, kid, certificate, not_after)


def _identity(directory: Path, name: str = IDENTITY) -> ec.EllipticCurvePrivateKey:
    return _p256(_read(directory / name), directory / name)


def _public_identity(directory: Path, identity: ec.EllipticCurvePrivateKey | None) -> dict[str, str]:
    if identity is not None:
        return jose.jwk(identity.public_key())
    try:
        found: dict[str, str] = json.loads(_read(directory / IDENTITY_PUBLIC))
        jose.public_key(found)
    except (ValueError, TypeError) as error:
        raise _bad(directory / IDENTITY_PUBLIC) from error
    return found


def _log_key(directory: Path) -> Ed25519PrivateKey:
    key = _load(_read(directory / LOG), directory / LOG)
    if not isinstance(key, Ed25519PrivateKey):
        raise _bad(directory / LOG)
    return key


def _p256(pem: bytes, path: Path) -> ec.EllipticCurvePrivateKey:
    key = _load(pem, path)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _bad(path)
    return key


def _load(pem: bytes, path: Path) -> Any:
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise _bad(path) from error


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise _bad(path, "ほかの利用者が読める", "other users may read it")
        return path.read_bytes()
    except OSError as error:
        raise _bad(
            path, "読めない。cectrust keys init で作れます", "unreadable; `cectrust keys init` makes it"
        ) from error


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, for this user alone, on disk."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _pem(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _bad(path: Path, ja: str = "鍵として読めない", en: str = "not the key it should be") -> CectrustError:
    return Misconfigured(
        "key_file", f"鍵ファイル {path} が使えません（{ja}）。", f"Cannot use the key file {path}: {en}."
    )
