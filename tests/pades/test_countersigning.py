"""A countersignature long after the first: what happened to the first signer's certificate can't hurt (T14, T15)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from cectrust import pades
from cectrust.pades.errors import LongTermFailed
from cectrust.pades.fetching import FetchedRevocation
from cectrust.pades.model import Level, ValidationReport, Verdict
from cectrust.sdk.errors import Unavailable
from tests.support.contracts import FIELDS, sign_field, with_fields
from tests.support.pki import DAY, LocalTimestamper, Pki, build_pki, issue, now, rsa_key


def first_signed(contract: Path, folder: Path, pki: Pki) -> Path:
    """Signed by the sender and extended to B-LTA."""
    fields = with_fields(contract, folder / "fields.pdf")
    signed = sign_field(fields, folder / "first.pdf", FIELDS[0], pki.hanako, pki, pki.timestamper)
    pades.extend_to_lta(signed, folder / "first_lta.pdf", pki.trust, pki, pki.timestamper)
    return folder / "first_lta.pdf"


def countersigned(source: Path, folder: Path, pki: Pki, at: dt.datetime | None = None) -> Path:
    """Signed by the recipient and extended again, at `at`."""
    authority = LocalTimestamper(pki.tsa, at)
    signed = sign_field(source, folder / "second.pdf", FIELDS[1], pki.taro, pki, authority, at)
    pades.extend_to_lta(signed, folder / "final.pdf", pki.trust, pki, authority, at=at)
    return folder / "final.pdf"


def assert_both_proven(report: ValidationReport) -> None:
    assert report.verdict is Verdict.TOTAL_PASSED, report.reasons
    assert [(one.level, one.verdict) for one in report.signatures] == [(Level.B_LTA, Verdict.TOTAL_PASSED)] * 2
    assert [one.verdict for one in report.timestamps] == [Verdict.TOTAL_PASSED] * 2


def test_T14_T15_the_senders_certificate_expired_before_the_recipient_signed(
    contract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pki = build_pki()
    person = issue("建設 花子", rsa_key(2048, 5), pki.issuing, lifetime=30 * DAY)
    pki = dataclasses.replace(pki, hanako=person)
    first, later = first_signed(contract, tmp_path, pki), now() + 60 * DAY
    monkeypatch.setattr("tests.support.pki.now", lambda: later)  # CRLs and OCSP responses are of that day
    final = countersigned(first, tmp_path, pki, later)
    assert_both_proven(pades.validate(final, pki.trust, at=later + DAY))


def test_T14_T15_the_senders_certificate_was_revoked_before_the_recipient_signed(
    contract: Path, tmp_path: Path
) -> None:
    pki = build_pki()
    first = first_signed(contract, tmp_path, pki)
    pki.issuing.revoke(pki.hanako, now())
    final = countersigned(first, tmp_path, pki)
    assert_both_proven(pades.validate(final, pki.trust))
    assert_both_proven(pades.validate(final, pki.trust, pki))


def test_T16_the_archive_timestamp_is_renewed_after_all_signers_expired(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = now() + 900 * DAY
    monkeypatch.setattr("tests.support.pki.now", lambda: later)
    authority = LocalTimestamper(pki.tsa, later)
    pades.extend_to_lta(revisions["final"], tmp_path / "renewed.pdf", pki.trust, pki, authority, at=later)
    assert_both_proven(pades.validate(tmp_path / "renewed.pdf", pki.trust, at=later + DAY))


def test_what_no_archive_timestamp_protects_must_be_good_now(contract: Path, tmp_path: Path) -> None:
    """A signature timestamp alone settles nothing: the data that proves the signature is still to be had."""
    pki = build_pki()
    fields = with_fields(contract, tmp_path / "fields.pdf")
    first = sign_field(fields, tmp_path / "first.pdf", FIELDS[0], pki.hanako, pki, pki.timestamper)
    pki.issuing.revoke(pki.hanako, now())
    with pytest.raises(LongTermFailed):
        countersigned(first, tmp_path, pki)


def test_the_protecting_timestamps_authority_must_be_good_now(contract: Path, tmp_path: Path) -> None:
    pki = build_pki()
    first = first_signed(contract, tmp_path, pki)
    pki.tsa_root.revoke(pki.tsa, now())
    with pytest.raises(LongTermFailed):
        countersigned(first, tmp_path, pki)


def test_an_archive_timestamp_that_does_not_pass_protects_nothing(contract: Path, tmp_path: Path) -> None:
    """Its authority is no longer among the anchors, so that every proof is asked for anew, and has to come."""
    pki = build_pki()
    first = first_signed(contract, tmp_path, pki)
    other = dataclasses.replace(pki, tsa_root=issue("別のTSAルート", rsa_key(2048, 8), None, ca=True))
    with pytest.raises((LongTermFailed, Unavailable)):
        pades.extend_to_lta(first, tmp_path / "t.pdf", other.trust, FetchedRevocation(), pki.timestamper)
    assert not (tmp_path / "t.pdf").exists()
