"""A recipient's signature is completed though the sender's certificate is no longer good (T14, T15, decision 083)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.x509 import CRLDistributionPoints

from cectrust import pades
from cectrust.certificates import service as certificates
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract, State
from cectrust.identity.service import SYSTEM
from cectrust.pades.model import Level, Verdict
from cectrust.sdk.possession import binding_statement
from cectrust.signing import workflow
from tests.support.house import House
from tests.support.person import Person
from tests.support.pki import DAY, issue, now, rsa_key, sign_raw


class _LaterParsers:
    """The house's parsers, to whom it is another day when proof is had."""

    def __init__(self, parsers: Any, at: dt.datetime) -> None:
        self._parsers, self._at = parsers, at

    def extend(self, *arguments: Any) -> None:
        pades.extend_to_lta(*arguments, at=self._at)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parsers, name)


@contextmanager
def at_another_day(home: House, at: dt.datetime) -> Iterator[None]:
    before = home.platform
    home.platform = dataclasses.replace(before, parsers=_LaterParsers(before.parsers, at))
    try:
        yield
    finally:
        home.platform = before


def with_certificate_of(home: House, days: int) -> Person:
    """The sender with another certificate, which expires in `days`."""
    crl = home.sender.entity.certificate.extensions.get_extension_for_class(CRLDistributionPoints).value[0].full_name[0]
    lifetime, key = (days + 1) * DAY, rsa_key(2048, 11)
    entity = issue("建設 花子", key, home.pki.issuing, ocsp_url=None, lifetime=lifetime, crl_url=crl.value)
    login_id = home.sender.login_id
    proof = sign_raw(entity, binding_statement(login_id, entity.der))
    certificates.bind(SYSTEM, home.platform, login_id, entity.der, proof)
    return dataclasses.replace(home.sender, entity=entity)


def sent_by(home: House, sender: Person) -> Contract:
    contract = home.register()
    home.consent(contract)
    home.sign(sender, contract.id)
    home.do(contracts.send, sender.actor, contract.id)
    return contract


def assert_both_proven(home: House, contract: Contract, folder: Path) -> None:
    assert home.contract(contract.id).state is State.RETURNED
    home.do(contracts.confirm, home.sender.actor, contract.id)
    _, key = home.read(contracts.original, home.sender.actor, contract.id)
    home.platform.blobs.fetch(key, folder / "original.pdf")
    report = home.platform.parsers.validate(folder / "original.pdf", workflow.platform_trust(home.platform))
    assert report.verdict is Verdict.TOTAL_PASSED, report.reasons
    assert [one.level for one in report.signatures] == [Level.B_LTA, Level.B_LTA]


def test_the_senders_certificate_was_revoked_before_the_recipient_signed(home: House, tmp_path: Path) -> None:
    contract = home.sent()
    with home.revoked(home.sender):
        home.sign(home.recipient, contract.id)
    assert_both_proven(home, contract, tmp_path)


def test_the_senders_certificate_expired_before_the_recipient_signed(home: House, tmp_path: Path) -> None:
    contract = sent_by(home, with_certificate_of(home, days=2))
    with at_another_day(home, now() + 3 * DAY):
        home.sign(home.recipient, contract.id)
    assert_both_proven(home, contract, tmp_path)
