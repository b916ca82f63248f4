"""What comments say of the protocol is there to be read."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("bridge/cectrust_bridge", "bridge/tests", "cectrust", "tests")
SUFFIXES = {".py", ".js"}
NUMBER = r"\d+[a-z]?(?:\.\d+)?"
REFERENCE = re.compile(rf"PROTOCOL\.md(?:``)?,?(?: sections?)? ({NUMBER}(?:(?:, | and ){NUMBER})*)")


def test_every_section_of_the_protocol_that_is_named_exists() -> None:
    protocol = (ROOT / "bridge/PROTOCOL.md").read_text(encoding="utf-8")
    sections = set(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", protocol, re.M))
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    named = {(path.name, said) for path in files for said in REFERENCE.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 20
    assert {(name, said) for name, said in named if not set(re.findall(NUMBER, said)) <= sections} == set()
