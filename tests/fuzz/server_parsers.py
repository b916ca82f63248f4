"""Targets: what the server reads from bridges and from pages that speak for them."""

from __future__ import annotations

from typing import Any

from cectrust.keys import jose
from cectrust.sdk.errors import InputRefused
from cectrust.signing import bridge_messages, pairing_code, pairing_messages
from cectrust.signing.bridge_model import ServerFacts
from tests.fuzz.target import Target, compact, json_of, vectors

HELLO, RESULT = vectors("hello"), vectors("result")
REQUESTS, REMOVALS = vectors("pairing_request"), vectors("pairing_removal")
SIGNED = vectors("request")
KEYS = pairing_code.keys(bytes.fromhex(vectors("pairing_code")["cases"][0]["code"]))


def _genuine(cases: list[dict[str, Any]], member: str) -> list[Any]:
    return [case[member] for case in cases if case["accept"]]


def hello(data: bytes) -> None:
    """No hello counts that the registered bridge did not sign."""
    value, right = json_of(data), HELLO["cases"][0]
    if not isinstance(value, dict):
        return
    asked = {"jwk": HELLO["keys"]["bridge"], "origin": right["origin"], "challenge": right["challenge"]}
    try:
        found = bridge_messages.verify_hello(value, **asked)
    except InputRefused:
        return
    # The signature covers all but the capabilities, which only tell what to offer.
    assert found.cn == right["answer"]["cn"]


def result(data: bytes) -> None:
    """No result counts that the registered bridge did not sign."""
    value = json_of(data)
    if not isinstance(value, dict):
        return
    right = RESULT["cases"][0]["result"]
    members = frozenset(right) - {"v", "op", "bridge_id", "origin", "jti", "bridge_signature"}
    asked = {"jwk": RESULT["keys"]["bridge"], "origin": right["origin"], "jti": right["jti"], "op": right["op"]}
    try:
        bridge_messages.verify_result(value, **asked, members=members)
    except InputRefused:
        return
    assert value in _genuine(RESULT["cases"], "result")


def certificates(data: bytes) -> None:
    """A list of certificates, signed or not, is an answer or a refusal."""
    value = json_of(data)
    if isinstance(value, dict):
        try:
            bridge_messages.verify_certificate_list(value, jwk=RESULT["keys"]["bridge"], origin="x", jti="y")
        except InputRefused:
            return
        raise AssertionError("nobody signed this")


def _facts() -> ServerFacts:
    server = REQUESTS["server"]
    return ServerFacts(server["issuer"], server["server_name"], tuple(server["origins"]), server["identity_key"])


def pairing_request(data: bytes) -> None:
    """Only who knows the code, and holds the key, comes past both judgements."""
    try:
        request = pairing_messages.parse_request(data)
        pairing_messages.check_knowledge(request, KEYS)
        pairing_messages.check_bridge(request, _facts())
    except InputRefused:
        return
    assert request.message in _genuine(REQUESTS["cases"], "message")
    pairing_messages.answer(request, KEYS, _facts(), "r" * 32, "山田太郎")


def removal(data: bytes) -> None:
    """Only the bridge itself leaves; whether it is still registered, the store knows."""
    try:
        found = pairing_messages.parse_removal(data)
        pairing_messages.check_removal(found, REMOVALS["jwk"], REMOVALS["issuer"])
    except InputRefused:
        return
    assert found.message in [case["message"] for case in REMOVALS["cases"]]


def request_key(data: bytes) -> None:
    """A certified key is one that the identity signed, whatever is put in its place."""
    text = data.decode("utf-8", "replace")
    try:
        jose.certified_claims(text, _public("server_identity"), "cectrust-request-key+jws")
    except ValueError:
        return
    assert text in {case["request_key"] for case in SIGNED["cases"]}


def _public(name: str) -> dict[str, str]:
    return {member: SIGNED["keys"][name][member] for member in ("kty", "crv", "x", "y")}


def _seeds(file: dict[str, Any], member: str) -> list[bytes]:
    return [compact(case[member]) for case in file["cases"]]


LISTED = {"v": 1, "op": "cert.list", "bridge_id": jose.thumbprint(RESULT["keys"]["bridge"]), "origin": "x", "jti": "y"}
TARGETS = (
    Target("server_hello", hello, _seeds(HELLO, "answer"), 40),
    Target("server_result", result, _seeds(RESULT, "result"), 40),
    Target("server_certificates", certificates, [compact(LISTED | {"certificates": [], "bridge_signature": ""})], 20),
    Target("server_pairing_request", pairing_request, _seeds(REQUESTS, "message"), 40),
    Target("server_removal", removal, _seeds(REMOVALS, "message"), 20),
    Target("server_request_key", request_key, [SIGNED["cases"][0]["request_key"].encode()], 30),
)
