"""The whole way with a real token: list, sign, resume, acknowledge."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from bridge_house import House
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from driver import Page, PageError, unb64
from running import RunningBridge


def certificate(page: Page, key_type: str) -> dict[str, Any]:
    return next(each for each in page.certificates() if each["key_type"] == key_type)


def check_signature(der: bytes, result: dict[str, Any]) -> None:
    key = x509.load_der_x509_certificate(der).public_key()
    octets, signature = unb64(result["signed_attributes"]), unb64(result["signature"])
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, octets, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, octets, ec.ECDSA(hashes.SHA384() if key.key_size == 384 else hashes.SHA256()))


def test_tokens_are_listed_with_their_pin_state(house: House, page: Page) -> None:
    tokens = house.server.check_result(page.requested("token.list", "token.list"))["tokens"]
    assert [(each["module"], each["pin_state"], each["protected_path"]) for each in tokens] == [
        ("SoftHSM2", "normal", False)
    ]
    assert tokens[0]["label"] == house.token.label


def test_both_certificates_are_listed(house: House, page: Page) -> None:
    listed = house.server.check_result(page.requested("cert.list", "cert.list"))["certificates"]
    assert {unb64(each["der"]) for each in listed} == set(house.token.certificates.values())
    assert {(each["key_type"], each["key_bits"], *each["mechanisms"]) for each in listed} == {
        ("rsa", 2048, "rsa_pkcs1v15_sha256"),
        ("ec", 256, "ecdsa_sha256"),
    }


@pytest.mark.parametrize("key_type", ["rsa", "ec"])
def test_a_document_is_signed_shown_and_the_result_is_the_bridges(
    house: House, page: Page, pdf: bytes, key_type: str
) -> None:
    chosen = certificate(page, key_type)
    report = house.server.check_result(page.sign(chosen, [pdf]))
    assert (report["signed"], report["unsigned"], report["failure"]) == (["doc-1"], [], None)
    [made] = [house.server.check_result(each)["document"] for each in page.results]
    check_signature(unb64(chosen["der"]), made)
    assert covered_digest(pdf) in unb64(made["signed_attributes"])
    shown = house.person.transcript
    claims = ("claimed title: 工事請負契約書", "claimed amount: 11,000,000 JPY")
    facts = ("host: localhost", "page 1/1", hashlib.sha256(pdf).hexdigest(), "earlier_signatures: 0")
    assert [text for text in (*claims, *facts) if text not in shown] == []
    assert house.person.pin not in shown
    page.call("sign.ack", jti=report["jti"])


def covered_digest(pdf: bytes) -> bytes:
    at = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange [")
    _, gap_start, gap_end, _ = (int(text) for text in pdf[at : pdf.index(b"]", at)].split())
    return hashlib.sha256(pdf[:gap_start] + pdf[gap_end:]).digest()


def test_a_kept_result_is_handed_to_the_same_page_again_until_acknowledged(
    house: House, page: Page, pdf: bytes
) -> None:
    report = page.sign(certificate(page, "ec"), [pdf])
    page.close()
    again = house.page()
    assert again.requested("sign.resume", "sign.resume", jti=report["jti"])["signed"] == ["doc-1"]
    assert again.results == page.results
    assert again.call("sign.ack", jti=report["jti"])["acknowledged"]
    again.close()
    too_late = house.page()
    with pytest.raises(PageError, match="no_such_request"):
        too_late.requested("sign.resume", "sign.resume", jti=report["jti"])
    too_late.close()


def test_another_connection_cannot_acknowledge(house: House, page: Page, pdf: bytes) -> None:
    result = page.sign(certificate(page, "ec"), [pdf])
    other = house.page()
    other.hello()
    with pytest.raises(PageError, match="no_such_request"):
        other.call("sign.ack", jti=result["jti"])
    other.close()
    assert page.call("sign.ack", jti=result["jti"])["acknowledged"]


def test_a_result_survives_the_death_of_the_bridge(own_house: House, pdf: bytes) -> None:
    page = own_house.page()
    result = page.sign(certificate(page, "ec"), [pdf])
    own_house.bridge.crash()
    own_house.bridge = RunningBridge(own_house.bridge.profile, own_house.token.environment)
    again = own_house.page()
    assert again.requested("sign.resume", "sign.resume", jti=result["jti"])["signed"] == ["doc-1"]
    assert again.results == page.results
    again.close()


def test_the_person_is_asked_about_listing_once(own_house: House) -> None:
    page = own_house.page()
    own_house.person.consent = "no"
    with pytest.raises(PageError, match="user_cancelled"):
        page.certificates()
    own_house.person.consent = "yes"
    assert page.certificates()
    own_house.person.forget()
    assert page.certificates()
    assert "allow?" not in own_house.person.transcript
    page.close()
