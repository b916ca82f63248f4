"""Whoever is signed in has a PDF judged on a page; the server knows what was concluded here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.accessibility import examine
from tests.e2e.conftest import Travelled
from tests.e2e.office import PASSWORD, Office
from tests.support.attacks import with_flipped_byte, with_page_content, without_signatures

Make = Callable[[Travelled, Path], Path]
CASES: dict[str, tuple[Make, str, str]] = {
    "the original": (lambda world, _: world.final, "有効です", "署名はすべて有効"),
    "one flipped byte": (lambda world, bad: with_flipped_byte(world.final, bad), "無効です", "書き換えられています"),
    "an appended revision": (lambda world, bad: with_page_content(world.final, bad), "無効です", "署名"),
    "stripped signatures": (lambda world, bad: without_signatures(world.final, bad), "無効です", "署名"),
    "cut back": (lambda world, bad: world.cut_back(bad), "無効です", "髙﨑 𠮷乃"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_page_says_in_plain_words(
    travelled: Travelled, office: Callable[[str], Office], tmp_path: Path, case: str
) -> None:
    make, verdict, words = CASES[case]
    person = office("b")
    person.enter(person.facts["user_login"], PASSWORD)
    person.go("/verify")
    person.page.get_by_label("調べる PDF").set_input_files(make(travelled, tmp_path / "file.pdf"))
    person.click("検証する")
    expect(person.page.locator("#verdict")).to_contain_text(verdict)
    expect(person.page.locator("main")).to_contain_text(words)
    assert examine(person.page) == []
    assert person.problems == []
