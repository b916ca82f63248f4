"""Keys made on a real token, their requests and certificates; and log-in with the certificate."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from bridge_house import MODULE, PIN, House, SoftToken
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from driver import ISSUER, ORIGIN, Page, PageError, b64, unb64
from test_signing import check_signature

SUBJECT = [
    ["C", "JP"],
    ["O", "株式会社山田太郎建設工業北海道東北支店営業第一部"],
    ["CN", "髙﨑 𠮷乃"],
    ["serialNumber", "000123"],
]
TYPES = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384")
NONCE = b64(bytes(range(32)))


@pytest.fixture(scope="module")
def blank_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A bridge with one empty token."""
    folder = tmp_path_factory.mktemp("blank")
    token = SoftToken(folder / "token", "髙﨑のトークン")
    token.initialise(token.label)
    house = House(folder, token)
    yield house
    house.bridge.stop()


@pytest.fixture
def blank(blank_house: House) -> Iterator[Page]:
    blank_house.person.consent, blank_house.person.pin = "yes", PIN
    blank_house.person.forget()
    page = blank_house.page()
    yield page
    page.close()


def token_of(page: Page) -> dict[str, str]:
    [token] = page.requested("token.list", "token.list")["tokens"]
    return {name: token[name] for name in ("module", "serial", "model")}


def act(page: Page, op: str, **claims: Any) -> dict[str, Any]:
    """A method whose result the bridge signed."""
    return page.server.check_result(page.requested(op, op, **claims))


def generate(page: Page, token: dict[str, str], kind: str = "p256", **claims: Any) -> dict[str, Any]:
    key = {"type": kind, "label": "髙﨑 𠮷乃", "change_pin": False}
    return act(page, "key.generate", token=token, key=key, **claims)


def certify(csr: x509.CertificateSigningRequest, authority: rsa.RSAPrivateKey) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "試験認証局")])
    builder = x509.CertificateBuilder(issuer, csr.subject, csr.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(365))
    return builder.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.fixture(scope="module")
def authority() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("kind", TYPES)
def test_a_key_is_made_requested_certified_stored_and_signs(
    blank: Page, kind: str, authority: rsa.RSAPrivateKey, pdf: bytes
) -> None:
    token = token_of(blank)
    key = generate(blank, token, kind)
    made = act(blank, "csr.create", token=token, csr={"key_id": key["key_id"], "subject": SUBJECT})
    csr = x509.load_der_x509_csr(unb64(made["csr"]))
    assert csr.is_signature_valid
    assert [each.value for each in csr.subject] == [value for _, value in SUBJECT]
    public = csr.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert public == unb64(key["public_key"])
    der = certify(csr, authority)
    stored = act(blank, "cert.import", token=token, **{"import": {"certificate": b64(der), "chain": []}})
    chosen = next(each for each in blank.certificates() if each["sha256"] == stored["cert_sha256"])
    blank.sign(chosen, [pdf])
    check_signature(der, blank.results[0]["document"])


def test_the_same_order_makes_no_second_key_and_stores_no_second_certificate(
    blank_house: House, blank: Page, authority: rsa.RSAPrivateKey
) -> None:
    token, jti = token_of(blank), "order-of-one-key-0001"
    first = generate(blank, token, jti=jti)
    other = blank_house.page()
    again = generate(other, token, jti=jti)
    assert first["public_key"] == again["public_key"]
    made = act(other, "csr.create", token=token, csr={"key_id": first["key_id"], "subject": SUBJECT})
    der = certify(x509.load_der_x509_csr(unb64(made["csr"])), authority)
    order = {"certificate": b64(der), "chain": [b64(der_of_authority(authority))]}
    for _ in range(2):
        act(other, "cert.import", token=token, **{"import": order})
    assert "issuer: 試験認証局\n" in blank_house.person.transcript
    assert [each["der"] for each in other.certificates()].count(b64(der)) == 1
    other.close()


def der_of_authority(authority: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "試験認証局")])
    csr = x509.CertificateSigningRequestBuilder(name).sign(authority, hashes.SHA256())
    return certify(csr, authority)


def test_the_key_cannot_leave_the_token_and_can_only_sign(blank_house: House, blank: Page) -> None:
    key = generate(blank, token_of(blank), "rsa2048")
    shown = run_pkcs11(blank_house, key["key_id"])
    assert shown == {
        "SENSITIVE": True, "EXTRACTABLE": False, "LOCAL": True, "NEVER_EXTRACTABLE": True, "PRIVATE": True,
        "SIGN": True, "DECRYPT": False, "UNWRAP": False,
    }  # fmt: skip


def run_pkcs11(house: House, key_id: str) -> dict[str, bool]:
    """Look with another process: the module can only be configured once in each."""
    names = ("SENSITIVE", "EXTRACTABLE", "LOCAL", "NEVER_EXTRACTABLE", "PRIVATE", "SIGN", "DECRYPT", "UNWRAP")
    program = f"""
import json, pkcs11
token = pkcs11.lib({MODULE!r}).get_token(token_label={house.token.label!r})
with token.open(user_pin={PIN!r}) as session:
    wanted = {{pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY, pkcs11.Attribute.ID: bytes.fromhex({key_id!r})}}
    [key] = list(session.get_objects(wanted))
    print(json.dumps({{name: key[pkcs11.Attribute[name]] for name in {names!r}}}))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], env=house.token.environment, check=True, capture_output=True, text=True
    )
    shown: dict[str, bool] = json.loads(run.stdout)
    return shown


def test_a_certificate_of_another_key_is_not_stored(blank: Page, authority: rsa.RSAPrivateKey) -> None:
    order = {"certificate": b64(der_of_authority(authority)), "chain": []}
    with pytest.raises(PageError, match="cert_key_mismatch"):
        act(blank, "cert.import", token=token_of(blank), **{"import": order})


def test_a_request_for_a_key_that_is_not_there_is_told_apart(blank: Page) -> None:
    with pytest.raises(PageError, match="key_not_found"):
        act(blank, "csr.create", token=token_of(blank), csr={"key_id": "ff" * 20, "subject": SUBJECT})


def test_another_token_than_the_named_one_makes_no_key(blank: Page) -> None:
    with pytest.raises(PageError, match="token_removed"):
        generate(blank, {**token_of(blank), "serial": "0000"})


@pytest.mark.parametrize("op", ["key.generate", "csr.create", "cert.import"])
def test_a_no_changes_nothing_and_takes_no_pin(
    blank_house: House, blank: Page, authority: rsa.RSAPrivateKey, op: str
) -> None:
    token = token_of(blank)
    blank_house.person.consent = "no"
    blank_house.person.forget()
    claims: dict[str, Any] = {
        "key.generate": {"key": {"type": "p256", "label": "x", "change_pin": False}},
        "csr.create": {"csr": {"key_id": "00", "subject": SUBJECT}},
        "cert.import": {"import": {"certificate": b64(der_of_authority(authority)), "chain": []}},
    }[op]
    with pytest.raises(PageError, match="user_cancelled"):
        act(blank, op, token=token, **claims)
    assert op.upper() in blank_house.person.transcript
    assert "PIN for" not in blank_house.person.transcript


def test_the_pin_is_changed_before_the_first_key_when_the_server_orders_it(own_house: House) -> None:
    page = own_house.page()
    token = token_of(page)
    key = {"type": "p256", "label": "x", "change_pin": True}
    own_house.person.new_pin = "12"
    with pytest.raises(PageError, match="pin_rejected"):
        act(page, "key.generate", token=token, key=key)
    own_house.person.new_pin = "47110815"
    own_house.person.forget()
    with pytest.raises(PageError, match="pin_incorrect"):
        act(page, "key.generate", token=token, key=key)
    assert own_house.person.transcript.count("old PIN") == 1, "changed already: the old PIN no longer opens it"
    own_house.person.pin = "47110815"
    assert generate(page, token)["public_key"]
    assert "47110815" not in own_house.person.transcript + own_house.bridge.log.read_text()
    page.close()


ALWAYS = """
import sys, pkcs11, pkcs11.util.ec
from pkcs11 import Attribute, KeyType, MechanismFlag, util
made = dict(
    store=True, id=bytes.fromhex(sys.argv[4]), capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
    private_template={Attribute.ALWAYS_AUTHENTICATE: True, Attribute.PRIVATE: True},
)
with pkcs11.lib(sys.argv[1]).get_token(token_label=sys.argv[2]).open(rw=True, user_pin=sys.argv[3]) as session:
    if sys.argv[5] == "rsa":
        session.generate_keypair(KeyType.RSA, 2048, **made)
    else:
        curve = {Attribute.EC_PARAMS: util.ec.encode_named_curve_parameters("secp256r1")}
        session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(**made)
"""


@pytest.mark.parametrize(("kind", "key_id"), [("rsa", "a1"), ("ec", "a2")])
def test_a_key_that_wants_its_pin_each_time_gets_it_from_one_question(
    blank_house: House, blank: Page, authority: rsa.RSAPrivateKey, pdf: bytes, kind: str, key_id: str
) -> None:
    """SoftHSM2 honours CKA_ALWAYS_AUTHENTICATE: without the PIN between C_SignInit and C_Sign it refuses."""
    program = [sys.executable, "-c", ALWAYS]
    command = [*program, MODULE, blank_house.token.label, PIN, key_id, kind]
    subprocess.run(command, env=blank_house.token.environment, check=True, capture_output=True)
    token = token_of(blank)
    made = act(blank, "csr.create", token=token, csr={"key_id": key_id, "subject": SUBJECT})
    der = certify(x509.load_der_x509_csr(unb64(made["csr"])), authority)
    act(blank, "cert.import", token=token, **{"import": {"certificate": b64(der), "chain": []}})
    chosen = next(each for each in blank.certificates() if each["der"] == b64(der))
    blank_house.person.forget()
    blank.sign(chosen, [pdf, pdf])
    for result in blank.results:
        check_signature(der, result["document"])
    assert blank_house.person.transcript.count("PIN for") == 1


def auth(page: Page, chosen: dict[str, Any], **about: Any) -> dict[str, Any]:
    claims = {"nonce": NONCE, "purpose": "login", "act": None, **about}
    wanted = {"cert_sha256": chosen["sha256"], "mechanism": chosen["mechanisms"][0], "auth": claims}
    return act(page, "auth.sign", **wanted)


def verify(der: bytes, signature: bytes, octets: bytes) -> None:
    key = x509.load_der_x509_certificate(der).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, octets, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, octets, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("kind", ["rsa", "ec"])
@pytest.mark.parametrize("named", [None, "契約の取り消し（工事請負契約書）"])
def test_a_log_in_signs_exactly_its_own_string(house: House, page: Page, kind: str, named: str | None) -> None:
    chosen = next(each for each in page.certificates() if each["key_type"] == kind)
    purpose = "login" if named is None else "step_up"
    house.person.forget()
    result = auth(page, chosen, purpose=purpose, act=named)
    parts = ("cectrust-auth-v1", ORIGIN, ISSUER, NONCE, page.server.bridge["bridge_id"], result["jti"], purpose)
    octets = b"\0".join(part.encode() for part in (*parts, named or "", chosen["sha256"]))
    verify(unb64(chosen["der"]), unb64(result["signature"]), octets)
    with pytest.raises(InvalidSignature):
        verify(
            unb64(chosen["der"]), unb64(result["signature"]), octets.replace(b"cectrust-auth-v1", b"cectrust-auth-v2")
        )
    assert (named or "ログイン") in house.person.transcript
    assert house.person.transcript.count("PIN for") == 1


def test_a_log_in_wants_the_pin_each_time(house: House, page: Page) -> None:
    chosen = page.certificates()[0]
    house.person.forget()
    auth(page, chosen)
    auth(page, chosen)
    assert house.person.transcript.count("PIN for") == 2


def test_an_act_that_hides_its_characters_is_shown_with_them(house: House, page: Page) -> None:
    house.person.consent = "no"
    house.person.forget()
    with pytest.raises(PageError, match="user_cancelled"):
        auth(page, page.certificates()[0], purpose="step_up", act="契約の\u202e取り消し")
    assert "契約の‹U+202E›取り消し" in house.person.transcript


def test_a_log_in_with_an_unknown_certificate_is_refused(page: Page) -> None:
    chosen = {"sha256": "0" * 64, "mechanisms": ["ecdsa_sha256"]}
    with pytest.raises(PageError, match="cert_not_found"):
        auth(page, chosen)
