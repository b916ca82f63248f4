"""Verdicts on files that nobody attacked: trust, revocation, time, levels, completeness, receipts."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest

from cectrust import pades
from cectrust.pades.errors import LongTermFailed
from cectrust.pades.fetching import FetchedRevocation
from cectrust.pades.model import (
    ConcludedFacts,
    ConcludedSigner,
    Coverage,
    Level,
    TrustStore,
    ValidationReport,
    Verdict,
)
from cectrust.sdk.errors import Unavailable
from tests.support.contracts import FIELDS, blank_pdf, concluded, sign_field, with_fields
from tests.support.pki import DAY, LocalTimestamper, Pki, build_pki, now


def codes(report: ValidationReport) -> list[str]:
    return [reason.code for reason in report.reasons]


def facts(final: Path) -> ConcludedFacts:
    data = final.read_bytes()
    signers = (ConcludedSigner(FIELDS[0], "建設 花子"), ConcludedSigner(FIELDS[1], "工務 太郎"))
    return ConcludedFacts(hashlib.sha256(data).hexdigest(), len(data), signers)


def test_a_concluded_contract_passes_and_says_who_signed_what_and_when(revisions: dict[str, Path], pki: Pki) -> None:
    report = pades.validate(revisions["final"], pki.trust)
    assert report.verdict is Verdict.TOTAL_PASSED
    assert codes(report) == ["valid"]
    assert [one.signer for one in report.signatures] == ["建設 花子", "工務 太郎"]
    assert {one.level for one in report.signatures} == {Level.B_LTA}
    assert all(one.time_proven for one in report.signatures)
    assert [one.covers for one in report.timestamps] == [Coverage.ENTIRE_FILE]
    assert report.file_sha256 == hashlib.sha256(revisions["final"].read_bytes()).hexdigest()


@pytest.mark.parametrize("days", [10, 900, 3000])
def test_T15_it_validates_offline_long_after_certificates_expired(
    revisions: dict[str, Path], pki: Pki, days: int
) -> None:
    report = pades.validate(revisions["final"], pki.trust, at=now() + days * DAY)
    assert report.verdict is Verdict.TOTAL_PASSED


def test_T15_a_later_revocation_does_not_hurt_it(contract: Path, tmp_path: Path) -> None:
    pki = build_pki()
    final = concluded(contract, tmp_path, pki)["final"]
    pki.issuing.revoke(pki.hanako, now())
    assert pades.validate(final, pki.trust, pki).verdict is Verdict.TOTAL_PASSED


def test_T16_without_renewal_the_proof_ends_with_the_authority(revisions: dict[str, Path], pki: Pki) -> None:
    report = pades.validate(revisions["final"], pki.trust, at=now() + 4500 * DAY)
    assert report.verdict is Verdict.INDETERMINATE
    assert "timestamp_untrusted" in codes(report)


def test_T16_a_renewed_archive_timestamp_carries_the_proof_on(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    renewed = tmp_path / "renewed.pdf"
    pades.extend_to_lta(revisions["final"], renewed, pki.trust, pki, pki.timestamper)
    report = pades.validate(renewed, pki.trust, at=now() + 900 * DAY)
    assert report.verdict is Verdict.TOTAL_PASSED
    assert len(report.timestamps) == 2


@pytest.mark.parametrize(("field", "left"), [("anchors", "signature"), ("tsa_anchors", "timestamp")])
def test_signers_and_timestamps_need_anchors_of_their_own(
    revisions: dict[str, Path], pki: Pki, field: str, left: str
) -> None:
    without = {"anchors": (), "tsa_anchors": ()}
    kept = pki.trust
    both = {"anchors": (*kept.anchors, *kept.tsa_anchors), "tsa_anchors": (*kept.anchors, *kept.tsa_anchors)}
    trust = TrustStore(intermediates=kept.intermediates, **{**both, field: without[field]})
    report = pades.validate(revisions["final"], trust)
    assert report.verdict is Verdict.INDETERMINATE
    assert ("timestamp_untrusted" in codes(report)) == (left == "timestamp")


def test_missing_trust_is_no_failure(revisions: dict[str, Path]) -> None:
    report = pades.validate(revisions["final"], TrustStore())
    assert report.verdict is Verdict.INDETERMINATE
    assert {one.sub_indication for one in report.signatures} == {"NO_CERTIFICATE_CHAIN_FOUND"}


def test_missing_revocation_data_is_no_failure(revisions: dict[str, Path], pki: Pki) -> None:
    report = pades.validate(revisions["second"], pki.trust)
    assert report.verdict is Verdict.INDETERMINATE
    assert "no_revocation" in codes(report)
    assert pades.validate(revisions["second"], pki.trust, pki).verdict is Verdict.TOTAL_PASSED


def test_a_certificate_revoked_before_the_signature_does_not_pass(contract: Path, tmp_path: Path) -> None:
    pki = build_pki()
    pki.issuing.revoke(pki.hanako, now() - DAY / 2)
    fields = with_fields(contract, tmp_path / "f.pdf", ("Only",))
    signed = sign_field(fields, tmp_path / "s.pdf", "Only", pki.hanako, pki, pki.timestamper)
    report = pades.validate(signed, pki.trust, pki)
    assert report.verdict is not Verdict.TOTAL_PASSED
    assert "revoked" in codes(report)


def test_a_signature_without_timestamp_claims_its_time_only(contract: Path, tmp_path: Path, pki: Pki) -> None:
    fields = with_fields(contract, tmp_path / "f.pdf", ("Only",))
    signed = sign_field(fields, tmp_path / "s.pdf", "Only", pki.hanako, pki, None)
    (signature,) = pades.validate(signed, pki.trust, pki).signatures
    assert signature.level is Level.B_B
    assert signature.verdict is Verdict.TOTAL_PASSED
    assert not signature.time_proven


@pytest.mark.parametrize("ahead", [dt.timedelta(seconds=1), dt.timedelta(hours=1)])
def test_a_timestamp_ahead_of_our_clock_is_no_accusation(
    contract: Path, tmp_path: Path, pki: Pki, ahead: dt.timedelta
) -> None:
    future = LocalTimestamper(pki.tsa, now() + ahead)
    fields = with_fields(contract, tmp_path / "f.pdf", ("Only",))
    signed = sign_field(fields, tmp_path / "s.pdf", "Only", pki.hanako, pki, pki.timestamper)
    final = tmp_path / "final.pdf"
    pades.extend_to_lta(signed, final, pki.trust, pki, future)
    report = pades.validate(final, pki.trust, at=now() - dt.timedelta(seconds=1))
    assert (report.verdict, report.sub_indication) == (Verdict.INDETERMINATE, "TRY_LATER")
    assert (codes(report), report.ahead) == (["timestamp_ahead"], True)
    assert pades.validate(final, pki.trust, at=now() + ahead).verdict is Verdict.TOTAL_PASSED


def test_a_whole_file_on_a_slow_computer_is_no_accusation(revisions: dict[str, Path], pki: Pki) -> None:
    """Its signatures' own timestamps are ahead too."""
    report = pades.validate(revisions["final"], pki.trust, at=now() - DAY / 2)
    assert (report.verdict, report.sub_indication) == (Verdict.INDETERMINATE, "TRY_LATER")
    early = pades.validate(revisions["second"], pki.trust, pki, at=now() - DAY / 2)
    assert early.verdict is Verdict.INDETERMINATE


def test_a_timestamp_later_than_the_one_over_it_is_wrong(contract: Path, tmp_path: Path, pki: Pki) -> None:
    final = concluded(contract, tmp_path, pki)["final"]
    early = LocalTimestamper(pki.tsa, now() - dt.timedelta(minutes=1))
    pades.extend_to_lta(final, tmp_path / "renewed.pdf", pki.trust, pki, early)
    report = pades.validate(tmp_path / "renewed.pdf", pki.trust)
    assert report.verdict is Verdict.TOTAL_FAILED
    assert "timestamp_wrong" in codes(report)


def test_a_changed_file_fails_on_a_slow_computer_too(revisions: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    data = bytearray(revisions["final"].read_bytes())
    data[data.index(b"/MediaBox")] ^= 1
    (tmp_path / "changed.pdf").write_bytes(data)
    report = pades.validate(tmp_path / "changed.pdf", pki.trust, at=now() - DAY / 2)
    assert report.verdict is Verdict.TOTAL_FAILED


def test_a_file_cut_back_is_incomplete_without_receipt(revisions: dict[str, Path], pki: Pki) -> None:
    report = pades.validate(revisions["first"], pki.trust, pki)
    assert (report.verdict, report.sub_indication) == (Verdict.INDETERMINATE, "INCOMPLETE")
    assert report.unsigned_fields == (FIELDS[1],)


def test_a_file_cut_back_fails_against_the_receipt_and_names_who_is_missing(
    revisions: dict[str, Path], pki: Pki
) -> None:
    report = pades.validate(revisions["first"], pki.trust, pki, facts(revisions["final"]))
    assert report.verdict is Verdict.TOTAL_FAILED
    assert "工務 太郎" in report.reasons[-1].ja
    nothing = pades.validate(revisions["fields"], pki.trust, pki, facts(revisions["final"]))
    assert nothing.verdict is Verdict.TOTAL_FAILED


def test_a_file_cut_back_to_both_signatures_fails_against_the_receipt(revisions: dict[str, Path], pki: Pki) -> None:
    report = pades.validate(revisions["second"], pki.trust, pki, facts(revisions["final"]))
    assert report.verdict is Verdict.TOTAL_FAILED
    assert "not_the_concluded" in codes(report)


def test_the_concluded_file_passes_against_its_receipt_also_when_renewed(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    receipt = facts(revisions["final"])
    assert pades.validate(revisions["final"], pki.trust, receipt=receipt).verdict is Verdict.TOTAL_PASSED
    renewed = tmp_path / "renewed.pdf"
    pades.extend_to_lta(revisions["final"], renewed, pki.trust, pki, pki.timestamper)
    assert pades.validate(renewed, pki.trust, receipt=receipt).verdict is Verdict.TOTAL_PASSED


def test_an_unsigned_pdf_is_no_failure(tmp_path: Path, revisions: dict[str, Path]) -> None:
    for path in (blank_pdf(tmp_path / "blank.pdf"), revisions["fields"]):
        report = pades.validate(path, TrustStore())
        assert (report.verdict, report.sub_indication) == (Verdict.INDETERMINATE, "NO_SIGNATURE_FOUND")


@pytest.mark.parametrize("content", [b"", b"\x00", b"PK\x03\x04", "契約書".encode()])
def test_what_is_no_pdf_gets_a_verdict_too(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    report = pades.validate(path, TrustStore())
    assert report.verdict is Verdict.INDETERMINATE
    assert codes(report) == ["not_pdf"]


def test_a_broken_pdf_gets_a_verdict_too(tmp_path: Path) -> None:
    path = tmp_path / "file.pdf"
    path.write_bytes(b"%PDF-1.7\n%%EOF\n")
    assert codes(pades.validate(path, TrustStore())) == ["broken"]


def test_long_term_needs_complete_proof(revisions: dict[str, Path], tmp_path: Path, pki: Pki) -> None:
    target = tmp_path / "t.pdf"
    missing, foreign = (pki.trust, FetchedRevocation(), Unavailable), (TrustStore(), pki, LongTermFailed)
    for trust, source, error in (missing, foreign):
        with pytest.raises(error):
            pades.extend_to_lta(revisions["second"], target, trust, source, pki.timestamper)
        assert not target.exists()
