"""The README's facts: commands exist, paths exist, the table names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
TARGETS = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_two_commands_stand_on_lines_of_their_own(command: str) -> None:
    assert re.search(rf"^{command}$", README, re.MULTILINE)


def test_every_make_command_is_in_the_makefile() -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", README))
    assert named >= {"demo", "test", "help", "demo-unattended"}
    assert named - set(TARGETS) == set()


def test_every_path_in_back_quotes_exists() -> None:
    named = re.findall(r"`([\w./-]+/)`", README)
    assert len(named) > 10
    missing = [path for path in named if not any((base / path).exists() for base in (ROOT, ROOT / "cectrust"))]
    assert [path for path in missing if path != "demo/"] == []


def test_every_plugin_and_domain_is_named() -> None:
    domains = [room.parent.name for room in (ROOT / "cectrust").glob("*/service*") if room.parent.name != "blobs"]
    plugins = [plugin.name for plugin in (ROOT / "plugins").iterdir() if (plugin / "setup.cfg").exists()]
    unnamed = [name for name in {*domains, *plugins} if name not in README]
    assert sorted(unnamed) == []


def test_the_domains_that_have_pages_are_those_with_views() -> None:
    with_pages, without = re.search(r"with pages of their own (.+?); without pages (.+?) \|", README).groups()  # type: ignore[union-attr]
    for names, expected in ((with_pages, True), (without, False)):
        rooms = [ROOT / "cectrust" / name for name in re.findall(r"`(\w+)/`", names)]
        assert [(room.name, any(room.glob("*views.py"))) for room in rooms] == [(room.name, expected) for room in rooms]


def test_it_is_honest_about_accreditation_and_licence() -> None:
    assert "認定外（試験用）" in README
    assert "Apache-2.0" in README
    assert "Apache License" in (ROOT / "LICENSE").read_text()
