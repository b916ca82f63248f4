"""The bridge obeys every vector of the protocol, accept and reject (PROTOCOL.md section 10)."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge.documents import byterange
from cectrust_bridge.errors import BridgeError, MalformedPdf
from cectrust_bridge.formats import attributes, jose, names, rpc, strictjson
from cectrust_bridge.methods import METHODS, keys
from cectrust_bridge.pairing import identity, model
from cectrust_bridge.requests import claims, request, statement
from cectrust_bridge.requests.claims import Authentication
from cectrust_bridge.tokens.model import Token, certificate_on
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

TOKEN = {"module": "SoftHSM2", "serial": "0123456789abcdef", "model": "SoftHSM v2"}
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
        pairing=model.parse(known["pairing"]),
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
        assert model.parse(case["pairing"]).issuer
    else:
        with pytest.raises(model.PairingError):
            model.parse(case["pairing"])


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
    octets = statement.statement(*named, about)
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
    _, read = claims.FORMS["csr.create"]
    asked = {"token": TOKEN, "csr": {"key_id": "00", "subject": case["subject"]}}
    if case["der"] is None:
        with pytest.raises(ValueError, match=r".+"):
            read(asked)
    else:
        der = names.name(read(asked)["matter"].subject).dump()
        assert (jose.b64url(der) == case["der"]) is case["accept"]


@pytest.mark.parametrize("case", cases("results.json"))
def test_results_of_every_operation_are_signed_as_the_vectors_are(case: dict[str, Any]) -> None:
    result = dict(case["result"])
    signature = result.pop("bridge_signature")
    octets = b"cectrust-bridge-result-v1\0" + strictjson.canonical(result)
    assert is_signature(signature, octets) is case["signed"]


def test_results_have_the_members_that_the_bridge_gives_them() -> None:
    right = [case for case in load("results.json")["cases"] if case["accept"]]
    assert {case["asked"]["op"] for case in right} == set(request.OPERATIONS.values()) - {"sign.resume"}
    [token] = right[0]["result"]["tokens"]
    lists = {name: tuple(token[name]) for name in ("mechanisms", "key_types")}
    assert Token(**{**token, **lists}).as_json() == token
    [listed] = next(case["result"]["certificates"] for case in right if case["name"] == "cert.list")
    found = certificate_on(Token(**{**token, **lists}), jose.from_b64url(listed["der"]))
    assert found is not None
    assert found.as_json().keys() == listed.keys()
    assert {name: found.as_json()[name] for name in ("sha256", "der", "token")} == {
        name: listed[name] for name in ("sha256", "der", "token")
    }


@pytest.mark.parametrize("case", cases("key_id.json"))
def test_the_id_of_a_key_that_is_made(case: dict[str, Any]) -> None:
    made = keys.key_id_of(claims.Request(case["iss"], case["jti"], "key.generate"))
    assert (made == case["key_id"]) is case["accept"]


@pytest.mark.parametrize("case", cases("rpc.json"))
def test_a_text_message(case: dict[str, Any]) -> None:
    parameters = {name: method.parameters for name, method in METHODS.items()}
    if case["accept"]:
        call = rpc.parse(case["text"], parameters)
        assert (call.id, call.method) == (case["id"], case["method"])
    else:
        with pytest.raises(rpc.Malformed) as refused:
            rpc.parse(case["text"], parameters)
        answered = json.loads(rpc.failure(refused.value.id, refused.value.error))
        assert (answered["id"], answered["error"]["message"]) == (case["id"], case["error"])


def test_the_vectors_know_every_method_with_its_parameters() -> None:
    parameters = {name: sorted(method.parameters) for name, method in METHODS.items()}
    assert load("rpc.json")["methods"] == parameters


@pytest.mark.parametrize("case", cases("pairing_fleet.json"))
def test_an_administrators_pairing_file(case: dict[str, Any]) -> None:
    if case["accept"]:
        assert model.parse_fleet(case["pairing"]).fleet
    else:
        with pytest.raises(model.PairingError):
            model.parse_fleet(case["pairing"])


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
