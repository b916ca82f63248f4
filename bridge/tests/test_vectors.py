"""The bridge obeys every vector of the protocol, accept and reject (PROTOCOL.md section 10)."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge import attributes, authentication, byterange, identity, jose, pairing, request, strictjson
from cectrust_bridge.claims import Authentication
from cectrust_bridge.errors import BridgeError, MalformedPdf
from cectrust_bridge.tokens import names
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

VECTORS = Path(__file__).parent.parent / "vectors"


def load(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in load(name)["cases"]]


def bridge_key() -> ec.EllipticCurvePrivateKey:
    jwk = load("request.json")["keys"]["bridge"]
    secret = int.from_bytes(jose.from_b64url(jwk["d"]), "big")
    return ec.derive_private_key(secret, ec.SECP256R1())


def verdict(case: dict[str, Any]) -> str:
    """The name of the error the bridge answers, empty when it accepts."""
    known = {**load("request.json")["context"], **case}
    circumstances = request.Circumstances(
        **{name: known[name] for name in ("method", "origin", "bridge_id", "cn", "age", "wall")},
        used={(op, jti) for op, jti in known["used"]},
        pairing=pairing.parse(known["pairing"]),
    )
    try:
        request.verify(case["request"], case["request_key"], circumstances)
    except BridgeError as error:
        return error.name
    return ""


@pytest.mark.parametrize("case", cases("request.json"))
def test_request(case: dict[str, Any]) -> None:
    assert verdict(case) == case.get("error", "")


@pytest.mark.parametrize("case", cases("pairing.json"))
def test_pairing(case: dict[str, Any]) -> None:
    if case["accept"]:
        assert pairing.parse(case["pairing"]).issuer
    else:
        with pytest.raises(pairing.PairingError):
            pairing.parse(case["pairing"])


@pytest.mark.parametrize("case", cases("byterange.json"))
def test_byte_range(case: dict[str, Any]) -> None:
    pdf = jose.from_b64url(case["pdf"])
    if not case["accept"]:
        with pytest.raises(MalformedPdf):
            byterange.locate(pdf)
        return
    found = byterange.locate(pdf)
    assert [0, found.gap_start, found.gap_end, found.size - found.gap_end] == case["byte_range"]
    assert found.digest(pdf, "sha256").hex() == case["sha256"]
    assert found.digest(pdf, "sha384").hex() == case["sha384"]


@pytest.mark.parametrize("case", cases("attributes.json"))
def test_signed_attributes_are_the_octets_that_pyhanko_builds(case: dict[str, Any]) -> None:
    algorithm = attributes.HASHES[case["mechanism"]]
    template = attributes.SignedAttributes(jose.from_b64url(case["certificate"]), algorithm)
    built = template.over(bytes.fromhex(case["message_digest"]))
    assert (jose.b64url(built) == case["signed_attributes"]) is case["accept"]


@pytest.mark.parametrize("case", cases("hello.json"))
def test_hello_signature_covers_what_the_vector_says(case: dict[str, Any]) -> None:
    answer, bridge = (
        case["answer"],
        identity.Identity(bridge_key(), jose.thumbprint(bridge_key().public_key())),
    )
    made = bridge.sign_hello(case["origin"], case["challenge"], answer["cn"])
    assert made != answer["signature"], "signatures are randomised, so compare by verifying"
    octets = b"\0".join(
        part.encode()
        for part in (
            "cectrust-bridge-hello-v1",
            case["origin"],
            case["challenge"],
            answer["cn"],
            "1",
            bridge.bridge_id,
        )
    )
    assert is_signature(made, octets)
    assert is_signature(answer["signature"], octets) is case["accept"]


@pytest.mark.parametrize("case", cases("result.json"))
def test_result_signature(case: dict[str, Any]) -> None:
    result = dict(case["result"])
    signature = result.pop("bridge_signature")
    octets = b"cectrust-bridge-result-v1\0" + strictjson.canonical(result)
    assert is_signature(signature, octets) is case["accept"]
    bridge = identity.Identity(bridge_key(), jose.thumbprint(bridge_key().public_key()))
    assert is_signature(bridge.sign_result(result)["bridge_signature"], octets)


@pytest.mark.parametrize("case", cases("auth.json"))
def test_the_string_of_a_log_in(case: dict[str, Any]) -> None:
    asked = case["request"]
    about = Authentication(asked["nonce"], asked["purpose"], asked["act"] or "")
    named = (asked["origin"], asked["iss"], asked["bridge_id"], asked["jti"], asked["cert_sha256"])
    octets = authentication.statement(*named, about)
    assert jose.b64url(octets) == case["statement"]
    key = x509.load_der_x509_certificate(jose.from_b64url(load("auth.json")["certificate"])).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(jose.from_b64url(case["signature"]), octets, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        assert not case["accept"]
    else:
        assert case["accept"]


@pytest.mark.parametrize("case", cases("csr.json"))
def test_the_name_of_a_certification_request(case: dict[str, Any]) -> None:
    assert jose.b64url(names.name(case["subject"]).dump()) == case["der"]


def is_signature(signature: str, octets: bytes) -> bool:
    token = jose.Token({}, {}, octets, jose.from_b64url(signature, 64))
    try:
        token.verify(bridge_key().public_key())
    except ValueError:
        return False
    return True


def test_the_script_writes_the_very_vectors_that_are_kept(tmp_path: Path) -> None:
    kept = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VECTORS.glob("*.json")}
    for script in VECTORS.glob("*.py"):
        (tmp_path / script.name).write_bytes(script.read_bytes())
    subprocess.run([sys.executable, "make.py"], cwd=tmp_path, check=True)
    made = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("*.json")}
    assert made == kept
