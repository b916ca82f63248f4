"""Validation data and the document timestamp: what is asked of the authority, and which unit of it is proven."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from cectrust import pades
from cectrust.pades.errors import LongTermFailed
from cectrust.pades.model import Level, Verdict
from cectrust.pades.parsers import WARM_MODULES, IsolatedParsers
from cectrust.pades.protocols import Timestamper
from cectrust.parsing import ParserPool
from tests.support.contracts import sign_field
from tests.support.pki import LocalTimestamper, Pki, issue, rsa_key


class _Counted:
    """A time-stamping authority of one or several units, each with a certificate of its own, taking turns."""

    def __init__(self, *units: Timestamper) -> None:
        self._units, self.asked = units, 0

    def timestamp(self, digest: bytes, algorithm: str = "sha256") -> bytes:
        self.asked += 1
        return self._units[(self.asked - 1) % len(self._units)].timestamp(digest, algorithm)


def test_long_term_proof_costs_one_timestamp(revisions: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    authority = _Counted(pki.timestamper)
    pades.extend_to_lta(revisions["first"], tmp_path / "lta.pdf", pki.trust, pki, authority)
    assert authority.asked == 1


def test_the_data_of_whichever_unit_of_the_authority_answers_is_sealed_in(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    other = issue("試験TSA 2", rsa_key(2048, 9), pki.tsa_root, tsa=True)
    authority = _Counted(LocalTimestamper(other), pki.timestamper)
    pades.extend_to_lta(revisions["first"], tmp_path / "lta.pdf", pki.trust, pki, authority)
    report = pades.validate(tmp_path / "lta.pdf", pki.trust)
    assert [found.verdict for found in report.timestamps] == [Verdict.TOTAL_PASSED]
    assert authority.asked == 2


def test_an_authority_outside_the_anchors_never_dates_the_proof(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    root = issue("よそのルート", rsa_key(2048, 10), None, ca=True)
    foreign = LocalTimestamper(issue("よそのTSA", rsa_key(2048, 9), root, tsa=True))
    with pytest.raises(LongTermFailed):
        pades.extend_to_lta(revisions["first"], tmp_path / "lta.pdf", pki.trust, pki, foreign)
    assert not (tmp_path / "lta.pdf").exists()


class _Watching:
    """Notes in which process the authorities are asked; the workers that read the file have no network."""

    def __init__(self, pki: Pki) -> None:
        self.pki, self.asked = pki, {"ocsp": 0, "crls": 0, "timestamp": 0}

    def ocsp(self, certificate: bytes, issuer: bytes) -> bytes | None:
        self.asked["ocsp"] += 1
        return self.pki.ocsp(certificate, issuer)

    def crls(self, certificate: bytes) -> list[bytes]:
        self.asked["crls"] += 1
        return self.pki.crls(certificate)

    def timestamp(self, digest: bytes, algorithm: str) -> bytes:
        self.asked["timestamp"] += 1
        return self.pki.timestamper.timestamp(digest, algorithm)


def test_the_file_is_read_and_written_in_workers_and_the_authorities_are_asked_here(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsers, outside = IsolatedParsers(ParserPool(WARM_MODULES), 100_000_000), _Watching(pki)
    parsers.intake(revisions["second"])  # the warm process stands; from here on this process can't read a PDF
    monkeypatch.setattr(PdfFileReader, "__init__", None)
    parsers.extend(revisions["second"], tmp_path / "lta.pdf", pki.trust, outside, outside)
    monkeypatch.undo()
    parsers.close()
    report = pades.validate(tmp_path / "lta.pdf", pki.trust)
    assert (report.verdict, report.signatures[0].level) == (Verdict.TOTAL_PASSED, Level.B_LTA)
    assert outside.asked["timestamp"] == 1
    assert min(outside.asked.values()) > 0


def test_workers_and_this_process_make_the_same_revision_but_for_time(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    parsers = IsolatedParsers(ParserPool(WARM_MODULES), 100_000_000)
    parsers.extend(revisions["second"], tmp_path / "there.pdf", pki.trust, pki, pki.timestamper)
    parsers.close()
    pades.extend_to_lta(revisions["second"], tmp_path / "here.pdf", pki.trust, pki, pki.timestamper)
    there, here = ((tmp_path / name).read_bytes() for name in ("there.pdf", "here.pdf"))
    assert there.count(b"/Type /DocTimeStamp") == here.count(b"/Type /DocTimeStamp") == 1
    assert sorted(re.findall(rb"/(?:DSS|Certs|OCSPs|CRLs)\b", there)) == sorted(
        re.findall(rb"/(?:DSS|Certs|OCSPs|CRLs)\b", here)
    )


def test_a_file_without_a_timestamp_gets_its_proof_too(revisions: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    """Nothing in it tells how large a token will be, so one is asked for as a trial."""
    authority = _Counted(pki.timestamper)
    signed = sign_field(revisions["fields"], tmp_path / "bb.pdf", "Sender", pki.hanako, pki, None)
    pades.extend_to_lta(signed, tmp_path / "lta.pdf", pki.trust, pki, authority)
    report = pades.validate(tmp_path / "lta.pdf", pki.trust)
    assert [found.verdict for found in (*report.signatures, *report.timestamps)] == [Verdict.TOTAL_PASSED] * 2
    assert authority.asked == 2
