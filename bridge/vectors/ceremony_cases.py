"""The pairing ceremony (PROTOCOL.md 3.2 and 3.3): codes and their keys, what each side says, and how it is judged."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from pairing_cases import PAIRING, without
from tokens import BRIDGE_IDENTITY, SERVER_IDENTITY, STRANGER, Key, b64, compact, es256, jwk, thumbprint

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = hashlib.sha256(b"cectrust test: pairing code").digest()[:16]
OTHER_CODE = hashlib.sha256(b"cectrust test: another pairing code").digest()[:16]
REGISTRATION = "019ab0de5f3a7c11b2d4e6f8a0b1c2d3"
DESCRIPTION = {name: PAIRING[name] for name in ("v", "issuer", "server_name", "origins", "identity_key")}
Message = dict[str, Any]


def derived(code: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256 (RFC 5869) of 32 octets, written out."""
    extracted = hmac.digest(b"cectrust-pairing-v1", code, "sha256")
    return hmac.digest(extracted, info + b"\1", "sha256")


def lookup(code: bytes) -> bytes:
    return derived(code, b"lookup")


def to_server(code: bytes) -> bytes:
    return derived(code, b"bridge to server")


def to_bridge(code: bytes) -> bytes:
    return derived(code, b"server to bridge")


def shown(code: bytes) -> str:
    check = int.from_bytes(hashlib.sha256(b"cectrust-pairing-code-v1\0" + code).digest(), "big") >> 234
    number = int.from_bytes(code, "big") << 22 | check
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in range(29, -1, -1))
    return "-".join(letters[start : start + 5] for start in range(0, 30, 5))


def named(key: Message) -> str:
    """Thumbprint of a JWK."""
    return b64(hashlib.sha256(compact(key)).digest())


def request(code: bytes = CODE, key: Key = BRIDGE_IDENTITY, signer: Key | None = None, **changes: Any) -> Message:
    """What a bridge posts; `changes` before it is signed and sealed."""
    plain = {
        "v": 1,
        "code_id": b64(lookup(code)),
        "nonce": b64(hashlib.sha256(b"pairing nonce").digest()),
        "origin": PAIRING["origins"][0],
        "issuer": PAIRING["issuer"],
        "identity": thumbprint(SERVER_IDENTITY),
        "jwk": jwk(key),
        "name": "経理部の髙﨑さんのPC",
        "system": "Windows",
        **changes,
    }
    possession = es256(signer or key, b"cectrust-pairing-possession-v1\0" + compact(plain))
    return seal_request({**plain, "possession": b64(possession)}, code)


def seal_request(message: Message, code: bytes) -> Message:
    octets = b"cectrust-pairing-request-v1\0" + compact(message)
    return {**message, "mac": b64(hmac.digest(to_server(code), octets, "sha256"))}


def answer(sent: Message, code: bytes = CODE, **changes: Any) -> Message:
    """What a server answers to `sent`; `changes` before it is sealed."""
    plain = {
        **DESCRIPTION,
        "registration": REGISTRATION,
        "bridge_id": thumbprint(BRIDGE_IDENTITY),
        "user_hint": PAIRING["user_hint"],
        **changes,
    }
    digest = b64(hashlib.sha256(compact(sent)).digest()).encode()
    octets = b"cectrust-pairing-answer-v1\0" + digest + b"\0" + compact(plain)
    return {**plain, "mac": b64(hmac.digest(to_bridge(code), octets, "sha256"))}


def removal(signer: Key = BRIDGE_IDENTITY, **changes: Any) -> Message:
    plain = {
        "v": 1,
        "issuer": PAIRING["issuer"],
        "bridge_id": thumbprint(BRIDGE_IDENTITY),
        "registration": REGISTRATION,
        **changes,
    }
    return {**plain, "signature": b64(es256(signer, b"cectrust-pairing-removal-v1\0" + compact(plain)))}


def code_file() -> Message:
    right, other = shown(CODE), shown(OTHER_CODE)
    spellings = {
        "as shown": right,
        "lower case, no groups": right.replace("-", "").lower(),
        "look-alikes": right.replace("0", "O").replace("1", "l"),
        "full width": right.translate({ord(one): ord(one) + 0xFEE0 for one in f"{ALPHABET}-"}),
        "white space around and inside": f"  {right.replace('-', ' ')}\n",
    }
    wrong = {
        "empty": "",
        "one letter short": right[:-1],
        "one letter more": f"{right}0",
        "two letters exchanged": right[1] + right[0] + right[2:],
        "a letter outside the alphabet": f"U{right[1:]}",
        "half of one code, half of another": right[:17] + other[17:],
    }
    keys = {
        "code": CODE.hex(),
        "lookup": b64(lookup(CODE)),
        "to_server": b64(to_server(CODE)),
        "to_bridge": b64(to_bridge(CODE)),
    }
    return {
        "description": "Codes as people paste them, and the keys in them.",
        "cases": [
            *({"name": name, "accept": True, "text": text, **keys} for name, text in spellings.items()),
            *({"name": name, "accept": False, "text": text} for name, text in wrong.items()),
        ],
    }


def description_file() -> Message:
    cases = [
        ("right", True, DESCRIPTION),
        *((f"without {name}", False, without(DESCRIPTION, name)) for name in DESCRIPTION),
        ("unknown member", False, {**DESCRIPTION, "code": "ask me"}),
        ("another version", False, {**DESCRIPTION, "v": 2}),
        ("an origin in plain http", False, {**DESCRIPTION, "origins": ["http://keiyaku.example.jp"]}),
    ]
    return {
        "description": "/.well-known/cectrust-bridge, read by the bridge.",
        "cases": [{"name": name, "accept": accept, "answer": value} for name, accept, value in cases],
    }


def _request_cases() -> list[tuple[str, str, Message]]:
    """Name, error (empty: accepted), message."""
    right = request()
    stranger = thumbprint(STRANGER)
    return [
        ("right", "", right),
        ("a code nobody made", "pairing_code_unknown", request(OTHER_CODE)),
        ("MAC of another code", "pairing_refused", seal_request(without(right, "mac"), OTHER_CODE)),
        ("MAC stripped to nothing", "pairing_refused", {**right, "mac": ""}),
        ("MAC cut", "pairing_refused", {**right, "mac": right["mac"][:40]}),
        ("the answer's key used for the MAC", "pairing_refused", {**right, "mac": _mac_by_answer_key(right)}),
        ("key substituted after the MAC", "pairing_refused", {**right, "jwk": jwk(STRANGER)}),
        ("name changed after the MAC", "pairing_refused", {**right, "name": "PC-2"}),
        ("nonce changed after the MAC", "pairing_refused", {**right, "nonce": b64(bytes(32))}),
        ("possession of another key", "pairing_refused", request(signer=STRANGER)),
        ("shown another identity key", "pairing_refused", request(identity=stranger)),
        ("shown another issuer", "pairing_refused", request(issuer="https://elsewhere.example")),
        ("shown another address", "pairing_refused", request(origin="https://elsewhere.example")),
        *((f"without {name}", "pairing_malformed", without(right, name)) for name in right),
        ("unknown member", "pairing_malformed", {**right, "admin": "yes"}),
        ("another version", "pairing_malformed", request(v=2)),
        ("version is a boolean", "pairing_malformed", request(v=True)),
        ("a short nonce", "pairing_malformed", request(nonce=b64(bytes(16)))),
        ("a short code_id", "pairing_malformed", request(code_id=b64(bytes(16)))),
        ("a name that reorders", "pairing_malformed", request(name="PC\u202e1")),
        ("a name too long", "pairing_malformed", request(name="あ" * 101)),
        ("no name", "pairing_malformed", request(name="")),
        ("a private key", "pairing_malformed", request(jwk={**jwk(BRIDGE_IDENTITY), "d": b64(bytes(32))})),
        ("a point off the curve", "pairing_malformed", request(jwk={**jwk(BRIDGE_IDENTITY), "y": b64(bytes(32))})),
        ("a key that is a list", "pairing_malformed", request(jwk=[])),
    ]


def _mac_by_answer_key(message: Message) -> str:
    octets = b"cectrust-pairing-request-v1\0" + compact(without(message, "mac"))
    return b64(hmac.digest(to_bridge(CODE), octets, "sha256"))


def request_file() -> Message:
    cases = [
        {"name": name, "accept": not error, "message": message, **({"error": error} if error else {})}
        for name, error, message in _request_cases()
    ]
    return {
        "description": "Pairing requests, judged by the server that made the code and is `server`.",
        "code": shown(CODE),
        "server": DESCRIPTION,
        "cases": cases,
    }


def _answer_cases() -> list[tuple[str, bool, Message]]:
    sent, right = request(), answer(request())
    stranger = jwk(STRANGER)
    return [
        ("right", True, right),
        ("another name of the server, sealed", True, answer(sent, server_name="CECTRUST 本番")),
        ("made with another code", False, answer(sent, OTHER_CODE)),
        ("made for another request", False, answer(request(name="PC-2"))),
        ("made for another nonce", False, answer(request(nonce=b64(bytes(32))))),
        ("the request's MAC sent back", False, {**right, "mac": sent["mac"]}),
        ("MAC stripped", False, without(right, "mac")),
        ("MAC empty", False, {**right, "mac": ""}),
        ("identity key substituted", False, {**right, "identity_key": stranger}),
        ("identity key substituted by somebody who knows the code", False, answer(sent, identity_key=stranger)),
        ("another issuer than described", False, answer(sent, issuer="https://elsewhere.example")),
        ("origins without the address", False, answer(sent, origins=["https://elsewhere.example"])),
        ("origins widened after the MAC", False, {**right, "origins": [*right["origins"], "https://evil.example"]}),
        ("another bridge", False, answer(sent, bridge_id=thumbprint(STRANGER))),
        ("no registration", False, without(right, "registration")),
        ("unknown member", False, answer(sent, trust="all")),
        ("another version", False, answer(sent, v=2)),
    ]


def answer_file() -> Message:
    return {
        "description": "Answers to `sent`, judged by the bridge that pasted `code`.",
        "code": shown(CODE),
        "sent": request(),
        "bridge_id": thumbprint(BRIDGE_IDENTITY),
        "cases": [{"name": name, "accept": accept, "answer": value} for name, accept, value in _answer_cases()],
    }


def removal_file() -> Message:
    right = removal()
    cases = [
        ("right", True, right),
        ("signed by another key", False, removal(STRANGER)),
        ("signature stripped", False, {**right, "signature": ""}),
        ("of another server", False, removal(issuer="https://elsewhere.example")),
        ("registration changed after signing", False, {**right, "registration": REGISTRATION[::-1]}),
        ("of a registration that was replaced", False, removal(registration=REGISTRATION[::-1])),
        ("of another bridge", False, removal(bridge_id=thumbprint(STRANGER))),
        *((f"without {name}", False, without(right, name)) for name in right),
        ("unknown member", False, removal(also="others")),
    ]
    return {
        "description": "A bridge says that it leaves; judged by the server `issuer` that registered `jwk`.",
        "issuer": PAIRING["issuer"],
        "jwk": jwk(BRIDGE_IDENTITY),
        "registration": REGISTRATION,
        "cases": [{"name": name, "accept": accept, "message": value} for name, accept, value in cases],
    }
