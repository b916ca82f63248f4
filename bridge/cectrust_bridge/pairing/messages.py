"""What bridge and server say to each other while pairing: built and judged here, sent elsewhere (PROTOCOL.md 3.3)."""

from __future__ import annotations

import hashlib
import platform
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..formats import jose, strictjson
from . import code, model
from .code import CodeKeys
from .errors import BridgeOutdated, NotCectrust, ServerNotProven
from .identity import Identity
from .model import Pairing

REQUEST_DOMAIN, ANSWER_DOMAIN = b"cectrust-pairing-request-v1\0", b"cectrust-pairing-answer-v1\0"
POSSESSION_DOMAIN, REMOVAL_DOMAIN = b"cectrust-pairing-possession-v1\0", b"cectrust-pairing-removal-v1\0"
DESCRIPTION = {"v", "issuer", "server_name", "origins", "identity_key"}
ANSWER = DESCRIPTION | {"registration", "bridge_id", "user_hint", "mac"}
MAX_NAME = 100
SYSTEMS = {"Darwin": "macOS"}


@dataclass(frozen=True)
class Description:
    """What `/.well-known/cectrust-bridge` says, believed by nobody before the code has proven it."""

    issuer: str
    origins: tuple[str, ...]
    identity: str
    """Thumbprint of the identity key."""


def described(octets: bytes) -> Description:
    """The server's description of itself; NotCectrust for anything else, BridgeOutdated for another version."""
    try:
        value = strictjson.parse(octets)
        if isinstance(value, dict) and type(value.get("v")) is int and value["v"] > 1:
            raise BridgeOutdated
        if not isinstance(value, dict) or set(value) != DESCRIPTION:
            raise NotCectrust("other members")
        found = model.parse({**value, "user_hint": "-"})
    except BridgeOutdated:
        raise
    except ValueError as error:
        raise NotCectrust(str(error)) from error
    return Description(found.issuer, found.origins, found.identity)


def computer_name(name: str | None) -> str:
    """How the server lists this computer: what hides or reorders is left out, at most 100 characters."""
    text = platform.node() if name is None else name
    shown = "".join(one for one in text if unicodedata.category(one)[0] != "C").strip()
    return shown[:MAX_NAME].strip() or "PC"


def request(identity: Identity, keys: CodeKeys, origin: str, server: Description, name: str) -> dict[str, Any]:
    """The pairing request: possession of the bridge's key, and knowledge of the code over all of it."""
    plain = {
        "v": 1,
        "code_id": jose.b64url(keys.lookup),
        "nonce": jose.b64url(secrets.token_bytes(32)),
        "origin": origin,
        "issuer": server.issuer,
        "identity": server.identity,
        "jwk": identity.jwk,
        "name": name,
        "system": SYSTEMS.get(platform.system(), platform.system()) or "?",
    }
    proven = {**plain, "possession": identity.sign(POSSESSION_DOMAIN + strictjson.canonical(plain))}
    mac = code.mac(keys.to_server, REQUEST_DOMAIN + strictjson.canonical(proven))
    return {**proven, "mac": jose.b64url(mac)}


def accepted(octets: bytes, keys: CodeKeys, sent: Mapping[str, Any], bridge_id: str) -> Pairing:
    """The pairing in the server's answer to `sent`, if the code vouches for every word of it; else ServerNotProven."""
    try:
        answer = strictjson.parse(octets)
        if not isinstance(answer, dict) or set(answer) != ANSWER:
            raise ServerNotProven("other members")
        _check_mac(answer, keys, sent)
        facts = {name: value for name, value in answer.items() if name not in ("bridge_id", "mac")}
        found = model.parse(facts)
    except ServerNotProven:
        raise
    except ValueError as error:
        raise ServerNotProven(str(error)) from error
    said = (answer["bridge_id"], found.issuer, found.identity, sent["origin"] in found.origins)
    if said != (bridge_id, sent["issuer"], sent["identity"], True):
        raise ServerNotProven("the answer is about another bridge or server")
    return found


def removal(identity: Identity, leaving: Pairing) -> dict[str, Any]:
    """The bridge's own word that it leaves; good for this registration alone, so that repeating it does nothing."""
    plain = {
        "v": 1,
        "issuer": leaving.issuer,
        "bridge_id": identity.bridge_id,
        "registration": leaving.registration,
    }
    return {**plain, "signature": identity.sign(REMOVAL_DOMAIN + strictjson.canonical(plain))}


def _check_mac(answer: Mapping[str, Any], keys: CodeKeys, sent: Mapping[str, Any]) -> None:
    plain = {name: value for name, value in answer.items() if name != "mac"}
    digest = jose.b64url(hashlib.sha256(strictjson.canonical(sent)).digest())
    octets = ANSWER_DOMAIN + digest.encode() + b"\0" + strictjson.canonical(plain)
    if not code.is_mac(keys.to_bridge, octets, jose.from_b64url(answer["mac"], 32)):
        raise ServerNotProven
