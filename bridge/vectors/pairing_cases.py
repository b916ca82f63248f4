"""The pairing file: which server, which origins, which identity key."""

from __future__ import annotations

from typing import Any

from tokens import ISSUER, ORIGIN, SERVER_IDENTITY, b64, jwk, private_jwk

PAIRING = {
    "v": 1,
    "server_name": "CECTRUST（試験用）",
    "issuer": ISSUER,
    "origins": [ORIGIN],
    "identity_key": jwk(SERVER_IDENTITY),
    "user_hint": "山田太郎（甲建設株式会社）",
}


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


def pairing_case(name: str, accept: bool, value: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "accept": accept, "pairing": value}


def origin_case(origin: str, accept: bool) -> dict[str, Any]:
    return pairing_case(f"origin {origin}", accept, {**PAIRING, "origins": [origin]})


def pairing_file() -> dict[str, Any]:
    good = [
        "https://keiyaku.example.jp",
        "https://keiyaku.example.jp:8443",
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "http://a.localhost:8000",
        "https://xn--wgv71a119e.jp",
    ]
    wrong = [
        "http://keiyaku.example.jp",
        "https://keiyaku.example.jp/",
        "https://KEIYAKU.example.jp",
        "null",
        "*",
        "https://keiyaku.example.jp:443",
        "https://user@keiyaku.example.jp",
        "https://日本語.jp",
        "ws://localhost:1",
        "https://keiyaku.example.jp:99999",
        f"https://{'a' * 64}.jp",
        "http://localhost:80",
        "",
    ]
    off_curve = {**jwk(SERVER_IDENTITY), "y": b64(bytes(31) + b"\1")}
    return {
        "description": "Pairing files.",
        "cases": [
            pairing_case("right", True, PAIRING),
            *(origin_case(origin, True) for origin in good),
            *(origin_case(origin, False) for origin in wrong),
            *(pairing_case(f"without {name}", False, without(PAIRING, name)) for name in PAIRING),
            pairing_case("with a registration", True, {**PAIRING, "registration": "0" * 32}),
            pairing_case("an empty registration", False, {**PAIRING, "registration": ""}),
            pairing_case("version is a boolean", False, {**PAIRING, "v": True}),
            pairing_case("unknown member", False, {**PAIRING, "trust": "all"}),
            pairing_case("no origins", False, {**PAIRING, "origins": []}),
            pairing_case("a private key", False, {**PAIRING, "identity_key": private_jwk(SERVER_IDENTITY)}),
            pairing_case("a point off the curve", False, {**PAIRING, "identity_key": off_curve}),
        ],
    }


def fleet_file() -> dict[str, Any]:
    """What an administrator pins: the server's facts without a user."""
    facts = without(PAIRING, "user_hint")
    off_curve = {**jwk(SERVER_IDENTITY), "y": b64(bytes(31) + b"\1")}
    wrong: dict[str, dict[str, Any]] = {
        "with a user": PAIRING,
        "with an empty user": {**facts, "user_hint": ""},
        "with a registration": {**facts, "registration": "0" * 32},
        "an unknown member": {**facts, "trust": "all"},
        **{f"without {name}": without(facts, name) for name in facts},
        "version 2": {**facts, "v": 2},
        "version is a boolean": {**facts, "v": True},
        "no origins": {**facts, "origins": []},
        "nine origins": {**facts, "origins": [f"https://{n}.example.jp" for n in range(9)]},
        "an origin with a path": {**facts, "origins": [f"{ORIGIN}/"]},
        "plain http": {**facts, "origins": ["http://keiyaku.example.jp"]},
        "an empty name": {**facts, "server_name": ""},
        "a name of 201 characters": {**facts, "server_name": "あ" * 201},
        "a private key": {**facts, "identity_key": private_jwk(SERVER_IDENTITY)},
        "a point off the curve": {**facts, "identity_key": off_curve},
    }
    eight = {**facts, "origins": [f"https://{n}.example.jp" for n in range(8)]}
    return {
        "description": "An administrator's pairing file (section 3.5); the server's description has the same form.",
        "cases": [
            pairing_case("right", True, facts),
            pairing_case("eight origins", True, eight),
            *(pairing_case(name, False, value) for name, value in wrong.items()),
        ],
    }
