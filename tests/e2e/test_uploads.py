"""What a clerk uploads on the real page: another producer's PDF is taken, what may not be is refused and not kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.e2e.accessibility import examine
from tests.e2e.conftest import DOCUMENT, Travelled
from tests.e2e.journey import KIND
from tests.e2e.office import PASSWORD, Office
from tests.e2e.opening import offices
from tests.e2e.running import Running
from tests.support.hostile_pdf import encrypted, javascript_on_open, launch_on_page, rewritten, xfa_form

TABLES = ("contracts", "contract_documents", "contract_revisions", "journal_acts", "notification_messages")
Make = Callable[[Path], object]
REFUSED: dict[str, tuple[Make, str]] = {
    "encrypted": (lambda path: rewritten(DOCUMENT, path, encrypted), "パスワード"),
    "xfa": (lambda path: rewritten(DOCUMENT, path, xfa_form), "XFA"),
    "javascript": (lambda path: rewritten(DOCUMENT, path, javascript_on_open), "JavaScript"),
    "launch": (lambda path: rewritten(DOCUMENT, path, launch_on_page), "起動"),
    "broken": (lambda path: path.write_bytes(DOCUMENT.read_bytes()[:-200]), "壊れ"),
    "empty": (lambda path: path.write_bytes(b""), "空"),
    "not a PDF": (lambda path: path.write_bytes(b"PK\x03\x04 a ZIP"), "PDF"),
}


@pytest.fixture(scope="module")
def clerk(travelled: Travelled, playwright: Playwright) -> Iterator[Office]:
    """User A, signed in once for all of this."""
    with offices(playwright, travelled.running) as opened:
        person = opened("a")
        person.enter(person.facts["user_login"], PASSWORD)
        yield person


def kept(running: Running) -> tuple[dict[str, int], set[str]]:
    """Rows of what an upload could leave, and every file in the blob store."""
    data = running.layout.root / "data"
    with closing(sqlite3.connect(f"file:{data}/cectrust.db?mode=ro", uri=True)) as database:
        rows = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}  # noqa: S608
    store = data / "plugins" / "file_store"
    areas = ("incoming", "originals", "working")
    return rows, {str(path) for area in areas for path in (store / area).rglob("*") if path.is_file()}


def upload(person: Office, document: Path, partner: str) -> None:
    person.go("/contracts/new")
    person.page.get_by_label("件名").fill("受け付けられない書類")
    partners = person.page.get_by_label("取引先")
    partners.select_option(partners.locator("option", has_text=partner).get_attribute("value"))
    person.page.get_by_label(KIND).check()
    person.page.get_by_label("契約書類（PDF）").set_input_files(document)
    person.click("登録する")


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_may_not_be_is_refused_with_its_reason_and_nothing_is_kept(
    travelled: Travelled, clerk: Office, tmp_path: Path, case: str
) -> None:
    make, words = REFUSED[case]
    make(tmp_path / "契約書.pdf")
    before = kept(travelled.running)
    upload(clerk, tmp_path / "契約書.pdf", travelled.running.people["b"]["company"])
    expect(clerk.page.locator("#document-wrong")).to_contain_text(words)
    expect(clerk.page.get_by_label("件名")).to_have_value("受け付けられない書類")
    assert kept(travelled.running) == before
    assert examine(clerk.page) == []


def test_a_file_over_the_limit_is_refused_with_its_reason_and_nothing_is_kept(
    travelled: Travelled, clerk: Office, tmp_path: Path
) -> None:
    """Longer than the whole request may be, so the server stops reading before anybody looks into it."""
    large = tmp_path / "契約書.pdf"
    large.write_bytes(DOCUMENT.read_bytes())
    with large.open("r+b") as file:
        file.truncate(120_000_000)
    before = kept(travelled.running)
    upload(clerk, large, travelled.running.people["b"]["company"])
    expect(clerk.page.locator("main")).to_contain_text("大きすぎます", timeout=60_000)
    assert kept(travelled.running) == before


def test_another_producers_file_becomes_a_contract(travelled: Travelled, clerk: Office) -> None:
    """Signing it is `tests/signing/test_producers.py`'s; here the page takes it and shows it."""
    document = DOCUMENT.with_name("libreoffice.pdf")
    clerk.read(clerk.register("別の作成ソフトの契約書", document, travelled.running.people["b"]["company"], KIND))
