"""What a bridge says counts only with its registered key's signature over exactly what was asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec

from cectrust.keys import jose
from cectrust.sdk.errors import InputRefused
from cectrust.signing.bridge_messages import (
    RESULT_DOMAIN,
    verify_certificate_list,
    verify_hello,
    verify_result,
    verify_signature_result,
)

VECTORS = Path(__file__).parents[2] / "bridge" / "vectors"
HELLO, RESULT, RESULTS = (json.loads((VECTORS / f"{name}.json").read_text()) for name in ("hello", "result", "results"))
DOCUMENT = {"id": "d1", "signed_attributes": "QQ", "signature": "Uw"}
ORIGIN, JTI = "http://localhost:8000", "request-00000001"


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", HELLO["cases"], ids=named)
def test_hello_vectors(case: dict[str, Any]) -> None:
    asked = {"jwk": HELLO["keys"]["bridge"], "origin": case["origin"], "challenge": case["challenge"]}
    if case["accept"]:
        assert verify_hello(case["answer"], **asked).cn == case["answer"]["cn"]
    else:
        with pytest.raises(InputRefused):
            verify_hello(case["answer"], **asked)


@pytest.mark.parametrize("case", RESULT["cases"], ids=named)
def test_result_vectors(case: dict[str, Any]) -> None:
    asked: dict[str, Any] = {
        "jwk": RESULT["keys"]["bridge"],
        "origin": ORIGIN,
        "jti": JTI,
        "op": "sign",
        "members": frozenset(case["members"]),
    }
    if case["accept"]:
        verify_result(case["result"], **asked)
    else:
        with pytest.raises(InputRefused):
            verify_result(case["result"], **asked)


@pytest.mark.parametrize("case", RESULTS["cases"], ids=named)
def test_vectors_of_every_operations_result(case: dict[str, Any]) -> None:
    asked = {**case["asked"], "members": frozenset(case["asked"]["members"]), "jwk": RESULTS["keys"]["bridge"]}
    if case["accept"]:
        verify_result(case["result"], **asked)
    else:
        with pytest.raises(InputRefused):
            verify_result(case["result"], **asked)


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def signed(key: ec.EllipticCurvePrivateKey, **changes: Any) -> dict[str, Any]:
    """A ``sign`` result by ``key``, correct but for ``changes``."""
    good: dict[str, Any] = {
        "v": 1,
        "op": "sign",
        "bridge_id": jose.thumbprint(jose.jwk(key.public_key())),
        "origin": ORIGIN,
        "jti": JTI,
        "cert_sha256": "ab" * 32,
        "mechanism": "ecdsa_sha256",
        "index": 0,
        "count": 2,
        "document": DOCUMENT,
    }
    result = {name: value for name, value in (good | changes).items() if value is not None}
    return result | {"bridge_signature": jose.encode(jose.sign_raw(key, RESULT_DOMAIN + rfc8785.dumps(result)))}


def asked_for(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    asked = {"origin": ORIGIN, "jti": JTI, "jwk": jose.jwk(key.public_key())}
    return asked | {"cert_sha256": "ab" * 32, "mechanism": "ecdsa_sha256", "document_id": "d1"}


def test_the_document_is_handed_out(key: ec.EllipticCurvePrivateKey) -> None:
    result = verify_signature_result(signed(key), **asked_for(key))
    assert (result.signed_attributes, result.signature) == (b"A", b"S")


@pytest.mark.parametrize(
    "changes",
    [
        {"v": True},
        {"v": 2},
        {"op": "sign.resume"},
        {"origin": "http://localhost:8001"},
        {"jti": "request-00000002"},
        {"bridge_id": "x"},
        {"cert_sha256": "cd" * 32},
        {"mechanism": "rsa_pkcs1v15_sha256"},
        {"document": None},
        {"document": [DOCUMENT]},
        {"document": DOCUMENT | {"id": "d2"}},
        {"document": DOCUMENT | {"more": 1}},
        {"document": DOCUMENT | {"signed_attributes": "QQ=="}},
        {"document": DOCUMENT | {"signed_attributes": "QR"}},
        {"document": DOCUMENT | {"signed_attributes": 1}},
        {"index": 2},
        {"index": -1},
        {"index": True},
        {"index": None},
        {"count": 201},
        {"count": "2"},
        {"results": [DOCUMENT]},
        {"more": 1},
    ],
    ids=str,
)
def test_a_validly_signed_answer_to_something_else_is_refused(
    key: ec.EllipticCurvePrivateKey, changes: dict[str, Any]
) -> None:
    with pytest.raises(InputRefused):
        verify_signature_result(signed(key, **changes), **asked_for(key))


def test_a_signature_in_der_or_of_another_length_is_refused(key: ec.EllipticCurvePrivateKey) -> None:
    result = signed(key)
    for other in ("", "QQ", result["bridge_signature"] + "AA", None, 7, "é"):
        with pytest.raises(InputRefused):
            verify_signature_result(result | {"bridge_signature": other}, **asked_for(key))


def test_certificates_are_handed_out_as_bytes(key: ec.EllipticCurvePrivateKey) -> None:
    nothing = {"cert_sha256": None, "mechanism": None, "index": None, "count": None, "document": None}
    listed = signed(key, **nothing, op="cert.list", certificates=[{"der": jose.encode(b"certificate")}])
    asked: dict[str, Any] = {"jwk": jose.jwk(key.public_key()), "origin": ORIGIN, "jti": JTI}
    assert verify_certificate_list(listed, **asked) == [b"certificate"]
    wrong: list[Any] = [None, [1], [{"der": 1}], [{}]]
    for bad in wrong:
        with pytest.raises(InputRefused):
            verify_certificate_list(signed(key, **nothing, op="cert.list", certificates=bad), **asked)
