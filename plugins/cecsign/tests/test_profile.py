"""What certificates say: names counted in characters, profiles, validity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1
from cecsign_support.ca import OFFICER, PIN, Ca, settings_in
from cecsign_support.people import TAKASAKI, order
from cectrust_cecsign.applicants import applicant_number, check_applicant_number
from cectrust_cecsign.commands import enrolling
from cectrust_cecsign.enrolling import enrol
from cectrust_cecsign.errors import IssuerEndsTooSoon, NameRefused, ValidityTooLong
from cectrust_cecsign.hierarchy import publication
from cectrust_cecsign.issuing import Plan, record_intent
from cectrust_cecsign.model import Authority, KeyKind, Person, Profile, Validity
from cectrust_cecsign.names import romanised, subscriber_name
from cectrust_cecsign.profiles import Policy, subscriber_extensions
from cectrust_cecsign.settings import CecsignSettings
from cectrust_cecsign.store import certificates
from cectrust_cecsign.strength import outlives_strength
from cectrust_cecsign.tbs import new_serial
from cectrust_cecsign.validity import subscriber_validity, validity_from, years_after
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LONGEST = "髙" * 32 + "𠮷" * 32


def subscriber(ca: Ca, person: Person = TAKASAKI) -> bytes:
    enrolment = enrol(ca.context, OFFICER, order(KeyKind.P256, person), ca.token(), PIN)
    with ca.context.reading() as session:
        issued = certificates.issued(session, enrolment.serial or "")
    assert issued is not None
    return issued.der


def test_the_subject_names_person_and_company_in_utf8_and_in_order(ca: Ca) -> None:
    subject = asn1.Certificate.load(subscriber(ca)).subject
    attributes = [(rdn[0]["type"].native, rdn[0]["value"].name, rdn[0].native["value"]) for rdn in subject.chosen]
    assert attributes == [
        ("country_name", "printable_string", "JP"),
        ("organization_name", "utf8_string", TAKASAKI.organisation),
        ("common_name", "utf8_string", TAKASAKI.legal_name),
        ("serial_number", "printable_string", "000000018"),
    ]


def test_64_kanji_fit_into_a_name_and_65_do_not(ca: Ca) -> None:
    person = Person(LONGEST, "Takasaki Yoshiro", LONGEST, LONGEST)
    name = asn1.Certificate.load(subscriber(ca, person)).subject.native
    assert (name["common_name"], name["organization_name"], name["organizational_unit_name"]) == (LONGEST,) * 3
    with pytest.raises(NameRefused):
        subscriber_name(Person(LONGEST + "髙", "Takasaki", "会社"), "000000018")


@given(st.text(min_size=1, max_size=64))
def test_a_legal_name_goes_in_unchanged_or_not_at_all(legal_name: str) -> None:
    try:
        name = subscriber_name(Person(legal_name, "Takasaki", "会社"), "000000018")
    except NameRefused:
        return
    assert asn1.Name.load(name).native["common_name"] == legal_name


@pytest.mark.parametrize("name", ["", " ", " 髙﨑", "髙\n﨑", "髙\x00﨑", "\ud800"])
def test_empty_padded_and_control_characters_are_refused_in_names(name: str) -> None:
    with pytest.raises(NameRefused):
        subscriber_name(Person(name, "Takasaki", "会社"), "000000018")


def test_compatibility_forms_are_kept_as_registered() -> None:
    registered = "\ufa19\ufa1b\ufa11"  # 神 福 﨑 as Japanese registers have them: NFC would replace the first two
    name = subscriber_name(Person(registered, "Kamifuku", "会社"), "000000018")
    assert asn1.Name.load(name).native["common_name"] == registered


@pytest.mark.parametrize("name", ["髙﨑", "Takasaki1", "Müller", "T" * 65, ""])
def test_a_romanised_name_is_ascii_letters(name: str) -> None:
    with pytest.raises(NameRefused):
        romanised(name)


def test_a_subscriber_certificate_carries_exactly_the_extensions_of_the_profile(ca: Ca) -> None:
    extensions = x509.load_der_x509_certificate(subscriber(ca)).extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.digital_signature, usage.value.content_commitment) == (True, True, True)
    assert not any((usage.value.key_encipherment, usage.value.key_cert_sign, usage.value.crl_sign))
    [policy] = extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert (policy.policy_identifier.dotted_string, policy.policy_qualifiers) == (
        "1.3.6.1.4.1.32473.1.1",
        ["http://127.0.0.1:8000/cecsign/"],
    )
    [romanised_name] = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert romanised_name.value.rfc4514_string() == "CN=Takasaki Yoshiro,C=JP"
    assert {extension.oid._name for extension in extensions} == {
        "keyUsage",
        "certificatePolicies",
        "subjectAltName",
        "cRLDistributionPoints",
        "authorityInfoAccess",
        "subjectKeyIdentifier",
        "authorityKeyIdentifier",
    }


def test_a_subscriber_certificate_says_where_its_status_is_found(ca: Ca) -> None:
    extensions = x509.load_der_x509_certificate(subscriber(ca)).extensions
    [crl] = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [name.value for name in crl.full_name] == ["http://127.0.0.1:8000/cecsign/crl/issuing.crl"]
    assert {(one.access_method, one.access_location.value) for one in access} == {
        (AuthorityInformationAccessOID.OCSP, "http://127.0.0.1:8000/cecsign/ocsp"),
        (AuthorityInformationAccessOID.CA_ISSUERS, "http://127.0.0.1:8000/cecsign/ca/issuing.cer"),
    }


def test_serial_numbers_are_positive_random_and_no_longer_than_20_octets() -> None:
    serials = {new_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert all(128 < int(serial, 16).bit_length() <= 159 for serial in serials)


@pytest.mark.parametrize(("years", "days_ago"), [(1, 0), (2, 30), (4, 150), (5, 0), (5, 150)])
def test_T4_a_certificate_ends_within_five_years_of_acceptance(years: int, days_ago: int) -> None:
    accepted = NOON - timedelta(days=days_ago)
    validity = subscriber_validity(NOON, years, accepted)
    assert validity.not_before == NOON
    assert validity.not_after == min(years_after(NOON, years), years_after(accepted, 5)) - timedelta(seconds=1)


def test_T4_an_application_that_waited_too_long_is_refused_not_cut_short() -> None:
    with pytest.raises(ValidityTooLong):
        subscriber_validity(NOON, 5, NOON - timedelta(days=151))
    with pytest.raises(ValidityTooLong):
        subscriber_validity(NOON, 2, NOON - timedelta(days=5 * 365))


def test_T4_an_acceptance_in_the_future_buys_no_time() -> None:
    assert subscriber_validity(NOON, 5, NOON + timedelta(days=365)) == validity_from(NOON, 5)


def test_T4_an_application_accepted_too_long_ago_is_refused_before_a_key_is_made(ca: Ca) -> None:
    long_ago = ca.now() - timedelta(days=4 * 366)
    with pytest.raises(ValidityTooLong):
        enrol(ca.context, OFFICER, order(accepted_at=long_ago), ca.token(), PIN)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2100, 1, 1)),
    st.integers(1, 5),
    st.integers(0, 150),
)
def test_T4_holds_for_every_day_and_leap_year(moment: datetime, years: int, days_ago: int) -> None:
    issued = moment.replace(tzinfo=UTC)
    accepted = issued - timedelta(days=days_ago)
    validity = subscriber_validity(issued, years, accepted)
    assert validity.not_before < validity.not_after < years_after(accepted, 5)
    assert validity.not_after.microsecond == 0


def test_T18_an_rsa_2048_certificate_past_2030_is_warned_about(ca: Ca) -> None:
    rsa_key = rsa.generate_private_key(65537, 2048).public_key()
    assert outlives_strength(rsa_key, datetime(2031, 1, 1, tzinfo=UTC))
    assert not outlives_strength(rsa_key, datetime(2030, 12, 31, tzinfo=UTC))
    enrolment = enrol(ca.context, OFFICER, order(KeyKind.RSA2048, years=5), ca.token(), PIN)
    assert enrolling.strength_warning(ca.context, enrolment)


def test_a_certificate_does_not_outlive_its_issuer(ca: Ca) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    with ca.context.transaction() as session:
        where = publication(session, ca.context, Authority.ISSUING)
        extensions = subscriber_extensions(key, "Takasaki", Policy("1.2.3", "http://127.0.0.1/"), where)
        subject = subscriber_name(TAKASAKI, "000000018")
        validity = Validity(NOON, NOON + timedelta(days=365 * 11))
        plan = Plan(Profile.SUBSCRIBER, Authority.ISSUING, subject, key, validity, extensions)
        with pytest.raises(IssuerEndsTooSoon):
            record_intent(ca.context, session, plan)


def test_an_applicant_number_with_one_wrong_digit_is_refused() -> None:
    number = applicant_number(1234567)
    check_applicant_number(number)
    for place in range(len(number)):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        with pytest.raises(NameRefused):
            check_applicant_number(wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"unknown_key": 1},
        {"repository_url": "https://ca.example.jp/cecsign"},
        {"repository_url": "http://localhost:8000/cecsign"},
        {"policy_oid": "1.2.x"},
        {"policy_oid": "2.999.1"},
        {"policy_oid": "2.25.329800735698586629295641978511506172918"},
        {"subscriber_years": 6},
        {"issuing_years": 20},
    ],
)
def test_wrong_settings_are_refused(tmp_path: Path, change: dict[str, object]) -> None:
    right = settings_in(tmp_path).model_dump()
    with pytest.raises(ValidationError):
        CecsignSettings.model_validate(right | change)
