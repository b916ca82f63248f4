"""A contract between holders of partner certificates (提携電子証明書), with CECSIGN not installed at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from cectrust.builtin.partner_toml import read_partner
from cectrust.certificates import service as certificates
from cectrust.contracts import service as contracts
from cectrust.contracts.model import State
from cectrust.identity import service as identity
from cectrust.identity.model import NewAccount
from cectrust.identity.service import SYSTEM
from cectrust.keys import jose
from cectrust.outbound.revocation import RevocationFetcher, RevocationSource
from cectrust.pades.model import Level, Verdict
from cectrust.sdk.errors import InputRefused
from cectrust.sdk.possession import binding_statement
from cectrust.sdk.protocols import ActorKind, BlobArea, BlobKey, Digest
from cectrust.signing import bridges, workflow
from cectrust.verification import service as verification
from tests.support.house import House
from tests.support.partner_ca import PartnerCa, make_partner
from tests.support.person import Person
from tests.support.pki import Entity, sign_raw
from tests.support.wire import Exchange, answer, serving

KIND = "partner-aos-test"


class Repository:
    """Where the partner CA publishes its CRLs; it has no OCSP responder that works."""

    partner: PartnerCa

    def __call__(self, exchange: Exchange) -> None:
        name = next((name for name in ("root", "issuing") if f"/{name}.crl ".encode() in exchange.request), None)
        answer(self.partner.crl(name) if name else b"<html>")(exchange)


@pytest.fixture
def partners(home: House, tmp_path: Path) -> Iterator[House]:
    """The same house with the partner CA as its only provider, and two people who hold its certificates."""
    repository = Repository()
    with serving(repository) as server:
        host = f"127.0.0.1:{server.port}"
        repository.partner = make_partner(tmp_path / "partner", host)
        provider = read_partner(repository.partner.description)
        hosts = frozenset(host for known in home.platform.providers for host in known.revocation_hosts())
        time = RevocationSource((home.pki.tsa_root.der,), hosts)
        revocation = RevocationFetcher(home.platform.http, [provider], home.platform.clock, [time])
        platform = dataclasses.replace(home.platform, providers=(provider,), revocation=revocation)
        house = dataclasses.replace(home, platform=platform)
        house.sender = holder(house, repository.partner, "山田 太郎")
        house.recipient = holder(house, repository.partner, "髙﨑 𠮷乃")
        yield house


def holder(house: House, partner: PartnerCa, name: str) -> Person:
    key = ec.generate_private_key(ec.SECP256R1())
    entity = Entity(key, partner.issue(key.public_key(), common_name=name))
    login_id = f"partner-{entity.certificate.serial_number:x}"[:24]
    with house.platform.work() as work:
        company = identity.create_company(SYSTEM, work, f"{name}工務店")
        new = NewAccount(login_id, ActorKind.USER, company.id, "工務部", name, "p@example.jp")
        person = Person(identity.create_account(SYSTEM, work, new).account.actor, login_id, entity)
        bridges.register(SYSTEM, work, login_id, jose.thumbprint(person.bridge_jwk), person.bridge_jwk)
    proof = sign_raw(entity, binding_statement(login_id, entity.der))
    certificates.bind(SYSTEM, house.platform, login_id, entity.der, proof)
    return person


def test_partner_certificates_sign_a_contract_that_validates_without_cecsign(partners: House, tmp_path: Path) -> None:
    assert [provider.kind.code for provider in partners.platform.providers] == [KIND]
    contract = partners.register(kinds=(KIND,))
    partners.consent(contract)
    partners.sign(partners.sender, contract.id)
    partners.do(contracts.send, partners.sender.actor, contract.id)
    partners.sign(partners.recipient, contract.id)
    partners.do(contracts.confirm, partners.sender.actor, contract.id)
    found = partners.contract(contract.id)
    assert found.state is State.CONCLUDED
    assert [slot.signer for slot in found.document.slots] == ["山田 太郎", "髙﨑 𠮷乃"]
    _, key = partners.read(contracts.original, partners.recipient.actor, contract.id)
    partners.platform.blobs.fetch(key, tmp_path / "original.pdf")
    trust = workflow.platform_trust(partners.platform)
    report = partners.platform.parsers.validate(tmp_path / "original.pdf", trust)
    assert report.verdict is Verdict.TOTAL_PASSED, report.reasons
    assert [one.level for one in report.signatures] == [Level.B_LTA, Level.B_LTA]


def test_the_verification_page_asks_a_partners_authority_about_a_file_without_revocation_data(
    partners: House, tmp_path: Path
) -> None:
    contract = partners.register(kinds=(KIND,))
    request = partners.accept(partners.sender, partners.request(partners.sender, contract.id))
    digest = workflow.embed_signature(partners.platform, request)
    partners.platform.blobs.fetch(BlobKey(BlobArea.WORKING, request.owner, Digest(str(digest))), tmp_path / "bt.pdf")
    trust = workflow.platform_trust(partners.platform)
    alone = partners.platform.parsers.validate(tmp_path / "bt.pdf", trust).signatures[0]
    asked = verification.verify(partners.sender.actor, partners.platform, tmp_path / "bt.pdf").signatures[0]
    assert (alone.level, alone.verdict) == (Level.B_T, Verdict.INDETERMINATE)
    assert (asked.level, asked.verdict) == (Level.B_T, Verdict.TOTAL_PASSED)


def test_a_certificate_of_another_authority_is_not_accepted(partners: House, home: House) -> None:
    contract = partners.register(kinds=(KIND,))
    with pytest.raises(InputRefused) as refused:
        partners.prepared(partners.sender, contract.id, certificate=home.sender.entity.der)
    assert refused.value.code == "certificate_not_accepted"
