"""What the server adds to a file's own verdict, and for whom: a contract's signers are named to its people only."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract, Revision
from cectrust.identity import service as identity
from cectrust.identity.model import NewAccount
from cectrust.pades.model import ValidationReport, Verdict
from cectrust.sdk.protocols import Actor, ActorKind, BlobArea, BlobKey
from cectrust.verification import service
from cectrust.verification.prefixes import MOST, prefix_digests
from tests.support.attacks import with_page_content
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


def ends(data: bytes) -> list[int]:
    return [match.end() for match in re.finditer(rb"%%EOF\n", data)]


def cut_anywhere(home: House, contract: Contract, folder: Path) -> list[Path]:
    """The concluded file cut back to the end of each of its revisions, from the signature fields on."""
    data = fetched(home, contract, contract.document.current, folder).read_bytes()
    fields = next(r for r in contract.document.revisions if r.kind == "fields")
    cuts = [end for end in ends(data) if fields.size <= end < len(data)]
    paths = [folder / f"cut-{end}.pdf" for end in cuts]
    for path, end in zip(paths, cuts, strict=True):
        path.write_bytes(data[:end])
    return paths


def test_a_file_cut_back_to_any_revision_is_false_and_names_who_is_missing(
    home: House, concluded: Contract, tmp_path: Path
) -> None:
    """Also where the first signature has no archive timestamp yet, and where nobody has signed."""
    paths = cut_anywhere(home, concluded, tmp_path)
    assert len(paths) == 4
    for path in paths[:3]:
        for actor in (home.sender.actor, home.recipient.actor, home.company_id_actor):
            report = verify(home, actor, path)
            assert report.verdict is Verdict.TOTAL_FAILED
            assert concluded.document.slots[1].signer in names_in(report)
    last = verify(home, home.sender.actor, paths[3])
    assert (last.verdict, last.reasons[-1].code) == (Verdict.TOTAL_FAILED, "not_the_concluded")


def test_a_file_cut_back_to_any_revision_tells_others_what_it_shows(
    home: House, concluded: Contract, tmp_path: Path
) -> None:
    for path in cut_anywhere(home, concluded, tmp_path):
        for actor in (home.stranger, staff(home)):
            report = verify(home, actor, path)
            assert report.verdict is not Verdict.TOTAL_FAILED
            assert "cut_back" not in names_in(report)
            assert "not_the_concluded" not in names_in(report)


def test_a_file_cut_back_and_continued_is_false(home: House, concluded: Contract, tmp_path: Path) -> None:
    """Another revision lies where the recipient's signature was."""
    first = next(r for r in concluded.document.revisions if r.kind == "signed")
    other = with_page_content(fetched(home, concluded, first, tmp_path), tmp_path / "other.pdf")
    report = verify(home, home.sender.actor, other)
    assert report.verdict is Verdict.TOTAL_FAILED
    assert concluded.document.slots[1].signer in names_in(report)


def test_the_pdf_that_a_contract_was_made_of_is_no_forgery(home: House, concluded: Contract, tmp_path: Path) -> None:
    revision = next(r for r in concluded.document.revisions if r.kind == "uploaded")
    path = fetched(home, concluded, revision, tmp_path)
    for actor in (home.sender.actor, home.recipient.actor, home.stranger):
        report = verify(home, actor, path)
        assert (report.verdict, report.sub_indication) == (Verdict.INDETERMINATE, "NO_SIGNATURE_FOUND")
        assert not {slot.signer for slot in concluded.document.slots if slot.signer in names_in(report)}


def test_another_contract_of_the_same_template_is_not_mistaken_for_it(
    home: House, concluded: Contract, tmp_path: Path
) -> None:
    """One that was never concluded: nothing is missing from it that was there."""
    contract = home.sent()
    report = verify(home, home.sender.actor, fetched(home, contract, contract.document.current, tmp_path))
    assert (report.verdict, report.sub_indication) == (Verdict.INDETERMINATE, "INCOMPLETE")


@pytest.mark.parametrize("newline", [b"", b"\n", b"\r\n", b"\r"])
def test_every_end_of_a_revision_has_a_digest(tmp_path: Path, newline: bytes) -> None:
    path, first = tmp_path / "a", b"one%%EOF" + newline
    path.write_bytes(first + b"two%%EOF\nthree")
    found = prefix_digests(path)
    assert hashlib.sha256(first).hexdigest() in found
    assert found[0] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(found) == len({*found})


def test_a_file_of_nothing_but_ends_costs_a_bounded_number_of_digests(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"%%EOF\n" * 100_000)
    assert len(prefix_digests(path)) == 2 * MOST + 1
    path.write_bytes(b"")
    assert prefix_digests(path) == []


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
