"""Validation data and the document timestamp: what is asked of the authority, and which unit of it is proven."""

from __future__ import annotations

from pathlib import Path

import pytest

from cectrust import pades
from cectrust.pades.errors import LongTermFailed
from cectrust.pades.model import Verdict
from cectrust.pades.protocols import Timestamper
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
