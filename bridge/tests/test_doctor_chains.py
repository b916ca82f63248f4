"""Who issued a certificate is followed up to a root, or it is said what is missing or wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from bridge_house import MODULE, PIN, SoftToken
from cectrust_bridge.doctor import chains, tokens
from cectrust_bridge.doctor.finding import State
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from doctor_house import Computer, among
from doctor_patient import Patient

GOOD, DOUBTFUL, BAD = State.GOOD, State.DOUBTFUL, State.BAD
NOW = dt.datetime.now(dt.UTC)
KEYS = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("root", "middle", "person", "another")}


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def made(subject: str, issuer: str, **changes: Any) -> x509.Certificate:
    """Signed by the issuer's key unless `by` names another; `ca`, `length`, `usage`, `days` and `keyed` as given."""
    key, by = KEYS[subject], KEYS[changes.get("by", issuer)]
    start = NOW - dt.timedelta(days=400)
    builder = x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(start).not_valid_after(NOW + dt.timedelta(days=changes.get("days", 100)))
    if (ca := changes.get("ca", subject != "person")) is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, changes.get("length") if ca else None), critical=True)
    if "usage" in changes:
        usage = x509.KeyUsage(True, False, False, False, False, changes["usage"], False, False, False)
        builder = builder.add_extension(usage, critical=True)
    if changes.get("keyed"):
        named = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        builder = builder.add_extension(named, critical=False)
    return builder.sign(by, SHA256())


ROOT, MIDDLE, PERSON = made("root", "root"), made("middle", "root"), made("person", "middle")


@pytest.mark.parametrize(
    ("authorities", "code", "state"),
    [
        ([MIDDLE, ROOT], "certificate.chained", GOOD),
        ([ROOT, MIDDLE, made("another", "another")], "certificate.chained", GOOD),
        ([MIDDLE, made("root", "root", usage=True)], "certificate.chained", GOOD),
        ([], "certificate.unchained", DOUBTFUL),
        ([ROOT], "certificate.unchained", DOUBTFUL),
        ([MIDDLE], "certificate.unchained", DOUBTFUL),
        ([made("middle", "root", by="another"), ROOT], "certificate.forged", BAD),
        ([made("middle", "root", ca=False), ROOT], "certificate.no_authority", BAD),
        ([made("middle", "root", ca=None), ROOT], "certificate.no_authority", BAD),
        ([made("middle", "root", usage=False), ROOT], "certificate.no_authority", BAD),
        ([MIDDLE, made("root", "root", length=0)], "certificate.no_authority", BAD),
        ([made("middle", "root", days=-10), ROOT], "certificate.issuer_dates", BAD),
        ([MIDDLE, made("root", "root", days=-10)], "certificate.issuer_dates", BAD),
    ],
)
def test_a_chain_is_followed_and_what_is_wrong_with_it_is_named(
    authorities: list[x509.Certificate], code: str, state: State
) -> None:
    among([chains.judged(PERSON, authorities, NOW)], code, state)


def test_a_signature_that_is_not_the_issuers_is_bad() -> None:
    claimed = made("person", "middle", by="another")
    among([chains.judged(claimed, [MIDDLE, ROOT], NOW)], "certificate.forged", BAD)


def test_two_keys_of_one_authority_are_told_apart_and_circles_end() -> None:
    leaf, old = made("person", "middle", keyed=True), made("middle", "middle", keyed=True)
    renewed = x509.CertificateBuilder(name("middle"), name("middle"), KEYS["another"].public_key(), 7)
    renewed = renewed.not_valid_before(NOW).not_valid_after(NOW + dt.timedelta(1))
    key = x509.SubjectKeyIdentifier.from_public_key(KEYS["another"].public_key())
    other = renewed.add_extension(key, critical=False).sign(KEYS["another"], SHA256())
    among([chains.judged(leaf, [other, old], NOW)], "certificate.chained", GOOD)
    among([chains.judged(leaf, [other], NOW)], "certificate.unchained", DOUBTFUL)
    circle = [made("middle", "root"), made("root", "middle")]
    among([chains.judged(PERSON, circle, NOW)], "certificate.unchained", DOUBTFUL)


def put(token: SoftToken, certificate: x509.Certificate, *more: str) -> None:
    file = token.folder / "certificate.der"
    file.write_bytes(certificate.public_bytes(Encoding.DER))
    login = ("--module", MODULE, "--token-label", token.label, "--login", "--pin", PIN)
    token._run("pkcs11-tool", *login, "--write-object", str(file), "--type", "cert", *more)


def test_authorities_on_the_token_and_in_the_given_file_are_used(patient: Patient) -> None:
    put(patient.token, PERSON, "--id", "77", "--label", "person")
    put(patient.token, MIDDLE, "--label", "no key of this one is here")
    assert patient.findings()["certificate.unchained"]["facts"]["missing"] == "root"
    given = patient.home / "roots.pem"
    given.write_bytes(ROOT.public_bytes(Encoding.PEM))
    config = patient.profile / "config.toml"
    config.write_text(config.read_text() + f'\n[doctor]\nca_file = "{given}"\n')
    found = patient.findings()
    assert found["certificate.chained"]["facts"] == {"issuer": "middle", "root": "root"}
    assert "certificate.unchained" not in found


def test_a_given_file_that_is_not_there_takes_nothing_else_away(pc: Computer, tmp_path: Path) -> None:
    pc.configure(("SoftHSM2", MODULE), more=f'[doctor]\nca_file = "{tmp_path}/gone.pem"\n')
    assert tokens._given(pc.around) == []
