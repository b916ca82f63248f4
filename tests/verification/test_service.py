"""What the server adds to a file's own verdict, and for whom: a contract's signers are named to its people only."""

from __future__ import annotations

from pathlib import Path

import pytest

from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract, Revision
from cectrust.identity import service as identity
from cectrust.identity.model import NewAccount
from cectrust.pades.model import ValidationReport, Verdict
from cectrust.sdk.protocols import Actor, ActorKind, BlobArea, BlobKey
from cectrust.verification import service
from tests.support.house import House


@pytest.fixture(scope="module")
def concluded(home: House) -> Contract:
    return home.concluded()


def fetched(home: House, contract: Contract, revision: Revision, folder: Path) -> Path:
    path = folder / f"{revision.kind}.pdf"
    home.platform.blobs.fetch(BlobKey(BlobArea.ORIGINALS, contract.document.owner, revision.digest), path)
    return path


def verify(home: House, actor: Actor, path: Path) -> ValidationReport:
    return service.verify(actor, home.platform, path)


def names_in(report: ValidationReport) -> str:
    return repr(report)


def test_the_original_passes_for_everybody(home: House, concluded: Contract, tmp_path: Path) -> None:
    path = fetched(home, concluded, concluded.document.current, tmp_path)
    for actor in (home.sender.actor, home.recipient.actor, home.stranger):
        assert verify(home, actor, path).verdict is Verdict.TOTAL_PASSED


def test_a_file_cut_back_is_false_and_names_who_is_missing_to_the_contracts_people(
    home: House, concluded: Contract, tmp_path: Path
) -> None:
    first = next(r for r in concluded.document.revisions if r.kind == "signed")
    path = fetched(home, concluded, first, tmp_path)
    for actor in (home.sender.actor, home.recipient.actor, home.company_id_actor):
        report = verify(home, actor, path)
        assert report.verdict is Verdict.TOTAL_FAILED
        assert concluded.document.slots[1].signer in names_in(report)


def test_others_are_told_what_the_file_itself_shows(home: House, concluded: Contract, tmp_path: Path) -> None:
    first = next(r for r in concluded.document.revisions if r.kind == "signed")
    path = fetched(home, concluded, first, tmp_path)
    for actor in (home.stranger, staff(home)):
        report = verify(home, actor, path)
        assert (report.verdict, report.unsigned_fields) == (Verdict.INDETERMINATE, (concluded.document.slots[1].field,))
        assert concluded.document.slots[1].signer not in names_in(report)


@pytest.mark.parametrize("kind", ["uploaded", "fields"])
def test_the_unsigned_pdf_that_a_contract_was_made_of_is_no_forgery(
    home: House, concluded: Contract, tmp_path: Path, kind: str
) -> None:
    revision = next(r for r in concluded.document.revisions if r.kind == kind)
    path = fetched(home, concluded, revision, tmp_path)
    for actor in (home.sender.actor, home.recipient.actor, home.stranger):
        report = verify(home, actor, path)
        assert report.verdict is Verdict.INDETERMINATE
        assert not {slot.signer for slot in concluded.document.slots if slot.signer in names_in(report)}
        if kind == "uploaded":
            assert "NO_SIGNATURE_FOUND" in names_in(report)


def test_a_signed_document_that_was_replaced_is_no_cut_back_original(home: House, tmp_path: Path) -> None:
    contract = home.sent()
    first = contract.document
    home.do(contracts.recall, home.sender.actor, contract.id, "差し替えます。")
    contracts.replace_document(
        home.sender.actor, home.platform, contract.id, contracts.Upload(home.document, "第2版.pdf")
    )
    home.sign(home.sender, contract.id)
    home.do(contracts.send, home.sender.actor, contract.id)
    home.sign(home.recipient, contract.id)
    home.do(contracts.confirm, home.sender.actor, contract.id)
    report = verify(home, home.sender.actor, fetched(home, contract, first.current, tmp_path))
    assert report.verdict is Verdict.INDETERMINATE


def staff(home: House) -> Actor:
    """Somebody of the operator, who has no scope over contracts."""
    with home.platform.work() as work:
        new = NewAccount(f"staff-{work.clock.now()}", ActorKind.STAFF, None, "", "受付 一郎", "s@example.jp")
        return identity.create_account(identity.SYSTEM, work, new).account.actor
