"""The published shadow attacks (RUB-NDS). File names carry the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from cectrust import pades
from cectrust.pades.errors import DocumentRefused
from cectrust.pades.model import TrustStore, Verdict

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "shadow-attacks"
FILES = sorted(CORPUS.rglob("*.pdf"))

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus ../shared/corpora/shadow-attacks is not here")


def named(prefixes: str) -> list[Path]:
    return [file for file in FILES if file.name[0] in prefixes]


def name(file: Path) -> str:
    return str(file.relative_to(CORPUS))


def warnings(file: Path) -> list[str]:
    """Codes of what intake warns about; a refusal warns loudest."""
    try:
        return [finding.code for finding in pades.intake(file).findings]
    except DocumentRefused as refused:
        return [refused.code]


@pytest.mark.parametrize("file", named("4"), ids=name)
def test_what_was_manipulated_after_signing_fails(file: Path) -> None:
    assert pades.validate(file, TrustStore()).verdict is Verdict.TOTAL_FAILED


@pytest.mark.parametrize("file", named("23"), ids=name)
def test_what_was_prepared_for_an_attack_is_warned_about_or_refused_at_intake(file: Path) -> None:
    assert warnings(file)


@pytest.mark.parametrize("file", named("1"), ids=name)
def test_the_originals_are_clean(file: Path) -> None:
    assert pades.intake(file).findings == ()


@pytest.mark.parametrize("file", named("3"), ids=name)
def test_what_was_signed_and_not_yet_manipulated_is_not_called_a_forgery(file: Path) -> None:
    """The failures above would be worth nothing if everything failed."""
    assert pades.validate(file, TrustStore()).verdict is Verdict.INDETERMINATE
