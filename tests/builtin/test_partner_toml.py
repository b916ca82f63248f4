"""A partner CA described by a TOML file: what is its own, what is its own but bad, and what stops start-up."""

from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from cectrust.builtin import partner_toml
from cectrust.builtin.partner_toml import PartnerProvider, read_partner
from cectrust.sdk.errors import InputRefused, Misconfigured
from cectrust.sdk.testing import CertificateProviderContract
from tests.support.partner_ca import PartnerCa, make_partner

HOLDER = ec.generate_private_key(ec.SECP256R1()).public_key()


@pytest.fixture(scope="module")
def partner(tmp_path_factory: pytest.TempPathFactory) -> PartnerCa:
    return make_partner(tmp_path_factory.mktemp("partner"))


@pytest.fixture
def provider(partner: PartnerCa) -> PartnerProvider:
    return read_partner(partner.description)


def issue(partner: PartnerCa, **changes: str | None) -> bytes:
    return partner.issue(HOLDER, **changes).public_bytes(Encoding.DER)


class TestPartnerProvider(CertificateProviderContract):
    @pytest.fixture
    def provider(self, partner: PartnerCa) -> PartnerProvider:
        return read_partner(partner.description)

    @pytest.fixture
    def own(self, partner: PartnerCa) -> bytes:
        return issue(partner)

    @pytest.fixture
    def foreign(self, partner: PartnerCa) -> bytes:
        return issue(partner, policy="2.25.1")


def test_the_same_policy_from_another_issuer_is_not_mine(provider: PartnerProvider, partner: PartnerCa) -> None:
    root = partner.root.public_bytes(Encoding.DER)
    provider.anchor_certificates, provider.intermediate_certificates = (root,), ()
    assert provider.accepts(issue(partner)) is False


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"organization": None}, "organization_name"),
        ({"country": "US"}, "country_name"),
        ({"country": None}, "country_name"),
    ],
)
def test_mine_with_a_wrong_subject_is_refused_and_not_passed_on(
    provider: PartnerProvider, partner: PartnerCa, changes: dict[str, str | None], lacking: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        provider.accepts(issue(partner, **changes))
    assert refused.value.detail == lacking


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('code = "partner-aos-test"', "", "code"),
        ('code = "partner-aos-test"', 'code = "Partner 1"', "code"),
        ("[subject]", "extra = 1\n[subject]", "extra"),
        ("[subject]", "[subject]\nregex = 'x'", "subject.regex"),
        ('["root.pem"]', "[]", "anchors"),
        ('["root.pem"]', '["missing.pem"]', "missing.pem"),
        ('["root.pem"]', '["partner.toml"]', "PEM"),
        ("crl.partner.example:80", "crl.partner.example", "revocation_hosts"),
        ("2.25.", "x.25.", "policy_oids"),
        ("code =", "code", "key"),
    ],
)
def test_a_wrong_description_stops_start_up_and_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    description = make_partner(tmp_path).description
    text = description.read_text("utf-8")
    assert old in text
    description.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(Misconfigured, match=named) as refused:
        read_partner(description)
    assert str(description) in refused.value.ja


def test_a_holders_certificate_is_no_anchor(tmp_path: Path) -> None:
    partner = make_partner(tmp_path)
    (tmp_path / "root.pem").write_bytes(partner.issue(HOLDER).public_bytes(Encoding.PEM))
    with pytest.raises(Misconfigured, match="not the certificate of a CA"):
        read_partner(partner.description)


def test_the_example_in_the_documentation_is_a_whole_description() -> None:
    text = str(partner_toml.__doc__)
    example = textwrap.dedent(text[text.index("    code =") : text.index("A key that")])
    assert partner_toml.Description.model_validate(tomllib.loads(example)).code == "partner-example"
