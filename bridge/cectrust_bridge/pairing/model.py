"""One paired server: the form of its file and of the origins in it (PROTOCOL.md section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ..formats import jose
from .errors import PairingError

FACTS = {"v", "server_name", "issuer", "origins", "identity_key"}
MEMBERS = FACTS | {"user_hint"}
REGISTRATION = re.compile(r"[A-Za-z0-9_-]{16,64}")
ADMINISTRATOR = "管理者が登録 (by the administrator)"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""RFC 1035 section 2.3.4: at most 63 octets; a longer one could not be shown as a host name."""
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})*|\[[0-9a-f:]+\]")
LOOPBACK = re.compile(r"(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\]")
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Pairing:
    """One server this bridge trusts to make requests, for the user of this profile.

    `registration` names the server's record of this bridge; empty if the pairing came as a file. `fleet`: the
    server's facts are the administrator's, so that the user can neither change nor remove them.
    """

    server_name: str
    issuer: str
    origins: tuple[str, ...]
    identity_key: jose.PublicKey
    user_hint: str
    registration: str = ""
    fleet: bool = False

    def as_json(self) -> dict[str, Any]:
        """The value of a pairing file."""
        return {
            "v": 1,
            "server_name": self.server_name,
            "issuer": self.issuer,
            "origins": list(self.origins),
            "identity_key": jose.jwk_of(self.identity_key),
            "user_hint": self.user_hint,
            **({"registration": self.registration} if self.registration else {}),
        }

    @property
    def identity(self) -> str:
        """Thumbprint of the pinned identity key."""
        return jose.thumbprint(self.identity_key)


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
    if not isinstance(value, dict) or set(value) - {"registration"} != MEMBERS or type(value["v"]) is not int:
        raise PairingError("members are not as expected")
    if value["v"] != 1:
        raise PairingError("unknown version")
    texts = [value[name] for name in ("server_name", "user_hint", "issuer")]
    if not all(isinstance(text, str) and 1 <= len(text) <= 200 for text in texts):
        raise PairingError("server_name, user_hint and issuer are texts of 1 to 200 characters")
    registration = value.get("registration", "")
    if "registration" in value and not (isinstance(registration, str) and REGISTRATION.fullmatch(registration)):
        raise PairingError("registration has another form")
    origins, key = _origins(value["origins"]), _identity_key(value["identity_key"])
    return Pairing(value["server_name"], value["issuer"], origins, key, value["user_hint"], registration)


def parse_fleet(value: Any) -> Pairing:
    """An administrator's pairing file: the server's facts without a user; PairingError says what is wrong."""
    if not isinstance(value, dict) or set(value) != FACTS:
        raise PairingError("members are not those of an administrator's file")
    return replace(parse({**value, "user_hint": ADMINISTRATOR}), fleet=True)


def _origins(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= 8 or not all(map(is_origin, value)):
        raise PairingError("origins are 1 to 8 exact https (or loopback http) origins")
    return tuple(value)


def _identity_key(value: Any) -> jose.PublicKey:
    try:
        return jose.key_of(value)
    except ValueError as error:
        raise PairingError("identity_key is not a public P-256 JWK") from error


def by_origin(pairings: Iterable[Pairing]) -> dict[str, Pairing]:
    """Index by origin; PairingError if two servers claim one."""
    found: dict[str, Pairing] = {}
    for pairing in pairings:
        for origin in pairing.origins:
            if origin in found:
                raise PairingError(f"two pairings claim {origin}")
            found[origin] = pairing
    return found
