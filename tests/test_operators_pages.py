"""What the operators' page says of ``cectrust doctor`` is what it prints, and each of its findings has a way out."""

from __future__ import annotations

import re
from pathlib import Path

from cectrust.checks import checks

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operators" / "running.md").read_text()
FOUND = re.compile(r'(?:Finding|Trouble)\(\s*"([a-z_]+)"')
ROW = re.compile(r"^\| ((?:`[a-z_]+`、?)+) \|(.+)\|$", re.MULTILINE)
PASSED_ON = {"blob_broken", "journal_broken", "journal_act_forgotten"}
"""Errors that a check passes on as findings."""


def source() -> str:
    places = [
        *(ROOT / "cectrust").glob("*/audit.py"),
        *(ROOT / "cectrust" / name for name in ("checks.py", "doctor.py")),
    ]
    return "".join(place.read_text() for place in places)


def test_the_samples_are_what_the_doctor_prints() -> None:
    samples = re.findall(r"^```\n((?:[a-z]+: ok\n)+)```$", PAGE, re.MULTILINE)
    shallow = [f"{check.name}: ok" for check in checks() if not check.deep]
    assert [sample.splitlines() for sample in samples] == [shallow, [f"{check.name}: ok" for check in checks()]]


def test_every_finding_is_on_the_page_and_nothing_else() -> None:
    named = [code for codes, _ in ROW.findall(PAGE) for code in re.findall(r"`([a-z_]+)`", codes)]
    assert len(named) == len(set(named))
    assert set(named) == set(FOUND.findall(source())) | PASSED_ON
