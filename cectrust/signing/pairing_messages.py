"""What a bridge and this server say to each other while pairing: ``bridge/PROTOCOL.md``, 3.3. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import rfc8785

from cectrust.keys import jose
from cectrust.sdk.errors import InputRefused
from cectrust.signing import pairing_code
from cectrust.signing.bridge_model import MAX_NAME, MAX_SYSTEM, ServerFacts
from cectrust.signing.pairing_code import CodeKeys

VERSION = 1
MAX_MESSAGE = 8192
REQUEST_DOMAIN, ANSWER_DOMAIN = b"cectrust-pairing-request-v1\0", b"cectrust-pairing-answer-v1\0"
POSSESSION_DOMAIN, REMOVAL_DOMAIN = b"cectrust-pairing-possession-v1\0", b"cectrust-pairing-removal-v1\0"
_TEXTS = ("code_id", "nonce", "origin", "issuer", "identity", "name", "system", "possession", "mac")
_REMOVAL_TEXTS = ("issuer", "bridge_id", "registration", "signature")


@dataclass(frozen=True)
class PairingRequest:
    """A request of the right form; nothing in it is believed yet."""

    message: Mapping[str, Any] = field(repr=False)
    lookup: bytes = field(repr=False)
    bridge_id: str
    jwk: dict[str, str]
    name: str
    system: str


@dataclass(frozen=True)
class Removal:
    """A bridge's word that it leaves; its signature is checked against the registered key."""

    message: Mapping[str, Any]
    issuer: str
    bridge_id: str
    registration: str


def description(facts: ServerFacts) -> dict[str, Any]:
    """``/.well-known/cectrust-bridge``: public, and believed by no bridge before the code has vouched for it."""
    return {
        "v": VERSION,
        "issuer": facts.issuer,
        "server_name": facts.name,
        "origins": list(facts.origins),
        "identity_key": facts.identity_key,
    }


def parse_request(body: bytes) -> PairingRequest:
    """Raises ``InputRefused`` (``pairing_malformed``) for any other form."""
    message = _object(body, {"v", "jwk", *_TEXTS}, _TEXTS)
    try:
        lookup, nonce = jose.decode(message["code_id"]), jose.decode(message["nonce"])
        jwk = cast(dict[str, str], message["jwk"])
        jose.public_key(jwk)
    except (ValueError, TypeError, AttributeError) as error:
        raise _malformed("octets or key") from error
    name, system = message["name"], message["system"]
    if len(lookup) != 32 or len(nonce) != 32 or not _is_shown(name, MAX_NAME) or not _is_shown(system, MAX_SYSTEM):
        raise _malformed("lengths or names")
    return PairingRequest(message, lookup, jose.thumbprint(jwk), jwk, name, system)


def check_knowledge(request: PairingRequest, keys: CodeKeys) -> None:
    """The bridge knows the code, and every word of its request is its own.

    Raises:
        InputRefused: ``pairing_refused``; somebody changed it, or knows only the code's name.
    """
    octets = REQUEST_DOMAIN + _without(request.message, "mac")
    if not pairing_code.is_mac(keys.to_server, octets, _decoded(request.message["mac"])):
        raise _refused("mac")


def check_bridge(request: PairingRequest, facts: ServerFacts) -> None:
    """It holds the key it names, and means this server under this address and key; else ``InputRefused``."""
    message = request.message
    if not _verifies(request.jwk, message["possession"], POSSESSION_DOMAIN + _without(message, "mac", "possession")):
        raise _refused("possession")
    ours = (facts.issuer, jose.thumbprint(facts.identity_key), True)
    if (message["issuer"], message["identity"], message["origin"] in facts.origins) != ours:
        raise _refused("the bridge was shown another server")


def answer(
    request: PairingRequest, keys: CodeKeys, facts: ServerFacts, registration: str, user_hint: str
) -> dict[str, Any]:
    """The server's half: its facts, under the code and bound to this very request."""
    plain = {
        **description(facts),
        "registration": registration,
        "bridge_id": request.bridge_id,
        "user_hint": user_hint,
    }
    digest = jose.encode(hashlib.sha256(rfc8785.dumps(cast(dict[str, Any], request.message))).digest())
    octets = ANSWER_DOMAIN + digest.encode() + b"\0" + rfc8785.dumps(plain)
    return {**plain, "mac": jose.encode(pairing_code.mac(keys.to_bridge, octets))}


def parse_removal(body: bytes) -> Removal:
    """Raises ``InputRefused`` (``pairing_malformed``)."""
    message = _object(body, {"v", *_REMOVAL_TEXTS}, _REMOVAL_TEXTS)
    return Removal(message, message["issuer"], message["bridge_id"], message["registration"])


def check_removal(removal: Removal, jwk: Mapping[str, str], issuer: str) -> None:
    """Raises ``InputRefused`` unless the registered key itself says so, to this server."""
    octets = REMOVAL_DOMAIN + _without(removal.message, "signature")
    if removal.issuer != issuer or not _verifies(jwk, removal.message["signature"], octets):
        raise _refused("removal")


def _object(body: bytes, members: set[str], texts: tuple[str, ...]) -> dict[str, Any]:
    """A JSON object with exactly these members (no name twice), version 1, and these of them texts."""
    if len(body) > MAX_MESSAGE:
        raise _malformed("too long")
    try:
        message = json.loads(body.decode(), object_pairs_hook=_members)
        rfc8785.dumps(message)  # I-JSON: no lone surrogates, no wild numbers
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise _malformed("not I-JSON") from error
    if not isinstance(message, dict) or set(message) != members or type(message["v"]) is not int:
        raise _malformed("members")
    if message["v"] != VERSION or not all(isinstance(message[name], str) for name in texts):
        raise _malformed("version or texts")
    return message


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member name appears twice")
    return found


def _is_shown(text: str, most: int) -> bool:
    """Nothing in it hides or reorders: it is a stranger's text on our pages."""
    return 1 <= len(text) <= most and all(unicodedata.category(one)[0] != "C" for one in text) and text == text.strip()


def _without(message: Mapping[str, Any], *names: str) -> bytes:
    return rfc8785.dumps({name: value for name, value in message.items() if name not in names})


def _decoded(text: object) -> bytes:
    try:
        return jose.decode(text)
    except ValueError:
        return b""


def _verifies(jwk: Mapping[str, str], signature: object, octets: bytes) -> bool:
    return jose.verifies(jose.public_key(jwk), _decoded(signature), octets)


def _malformed(detail: str) -> InputRefused:
    return InputRefused(
        "pairing_malformed", "登録の電文を読み取れません。", "The pairing message is malformed.", detail
    )


def _refused(detail: str) -> InputRefused:
    return InputRefused(
        "pairing_refused",
        "登録の電文を確認できません。途中で書き換えられたおそれがあります。",
        "The pairing message could not be verified; somebody between may have changed it.",
        detail,
    )
