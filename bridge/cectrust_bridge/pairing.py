"""Which servers this bridge serves: pairing files and the origins in them (PROTOCOL.md section 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import jose, strictjson
from .pairing_errors import PairingError

MEMBERS = {"v", "server_name", "issuer", "origins", "identity_key", "user_hint"}
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\]")
LOOPBACK = re.compile(r"(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\]")
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Pairing:
    """One server this bridge trusts to make requests, for the user of this profile."""

    server_name: str
    issuer: str
    origins: tuple[str, ...]
    identity_key: jose.PublicKey
    user_hint: str


def is_origin(text: object) -> bool:
    """A serialised origin (RFC 6454 section 6.2), https or loopback http, exactly as a browser sends it."""
    if not isinstance(text, str) or len(text) > 300:
        return False
    try:
        parts = urlsplit(text)
        host, port = parts.netloc.rpartition(":")[0] if parts.port is not None else parts.netloc, parts.port
    except ValueError:
        return False
    if parts.scheme not in DEFAULT_PORTS or not HOST.fullmatch(host) or port == DEFAULT_PORTS[parts.scheme]:
        return False
    if parts.scheme == "http" and not LOOPBACK.fullmatch(host):
        return False
    return text == f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")


def parse(value: Any) -> Pairing:
    """A pairing from its JSON value; PairingError says what is wrong."""
    if not isinstance(value, dict) or set(value) != MEMBERS or value["v"] != 1 or value["v"] is True:
        raise PairingError("members or version are not as expected")
    texts = [value[name] for name in ("server_name", "user_hint", "issuer")]
    if not all(isinstance(text, str) and 1 <= len(text) <= 200 for text in texts):
        raise PairingError("server_name, user_hint and issuer are texts of 1 to 200 characters")
    origins = value["origins"]
    if not isinstance(origins, list) or not 1 <= len(origins) <= 8 or not all(map(is_origin, origins)):
        raise PairingError("origins are 1 to 8 exact https (or loopback http) origins")
    try:
        key = jose.key_of(value["identity_key"])
    except ValueError as error:
        raise PairingError("identity_key is not a public P-256 JWK") from error
    return Pairing(value["server_name"], value["issuer"], tuple(origins), key, value["user_hint"])


def by_origin(pairings: Iterable[Pairing]) -> dict[str, Pairing]:
    """Index by origin; PairingError if two servers claim one."""
    found: dict[str, Pairing] = {}
    for pairing in pairings:
        for origin in pairing.origins:
            if origin in found:
                raise PairingError(f"two pairings claim {origin}")
            found[origin] = pairing
    return found


def load(folder: Path) -> dict[str, Pairing]:
    """Read every `*.json` of `folder`; PairingError names the file that is wrong."""
    pairings = []
    for path in sorted(folder.glob("*.json")):
        try:
            pairings.append(parse(strictjson.parse(path.read_bytes())))
        except ValueError as error:
            raise PairingError(f"{path.name}: {error}") from error
    return by_origin(pairings)
