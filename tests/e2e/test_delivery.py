"""Results that the server does not take at once: whatever it answers, nothing that a person signed is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DOCUMENT, Travelled
from tests.e2e.journey import KIND
from tests.e2e.office import PASSWORD, SIGNING, Office
from tests.support.judges import embedded_signatures, is_document_timestamp

Offices = Callable[..., Office]
ANSWERS = {
    503: {"code": "revocation_unknown", "message_ja": "失効情報を確かめられません。", "message_en": "Not known."},
    500: {"code": "incident", "message_ja": "処理を完了できませんでした。", "message_en": "Something went wrong."},
    502: None,
    400: {"code": "form_outdated", "message_ja": "画面を開き直してください。", "message_en": "Reload the page."},
    401: {"code": "not_signed_in", "message_ja": "ログインしてください。", "message_en": "Sign in."},
}
"""By status; ``None``: a proxy's page, no word of the server."""


def clerk(office: Offices, travelled: Travelled, title: str) -> tuple[Office, str]:
    """User A and a draft of his."""
    found = office("a")
    found.enter(found.facts["user_login"], PASSWORD)
    return found, found.register(title, DOCUMENT, travelled.running.people["b"]["company"], KIND)


def begin(person: Office) -> None:
    expect(person.page.locator("#signing[data-ready=yes]")).to_be_attached()
    person.click("署名を始める")


def answers_once(person: Office, status: int) -> None:
    """The next result is answered so, by whatever stands before the server; the server never hears of it."""
    said = ANSWERS[status]
    body, kind = (json.dumps(said), "application/json") if said else ("<h1>Bad Gateway</h1>", "text/html")
    person.page.route("**/results", lambda route: route.fulfill(status=status, body=body, content_type=kind), times=1)


def pins(travelled: Travelled) -> int:
    return travelled.running.terminals["a"].transcript.count("PIN for ")


def signatures(person: Office, contract: str, folder: Path) -> int:
    """How many people's signatures the contract's newest file holds."""
    target = folder / "newest.pdf"
    person.download(contract, "document.pdf", target)
    with embedded_signatures(target) as found:
        return len([one for one in found if not is_document_timestamp(one)])


@pytest.mark.parametrize("status", [503, 500, 502])
def test_a_result_that_the_server_could_not_judge_stays_with_the_bridge(
    travelled: Travelled, office: Offices, tmp_path: Path, status: int
) -> None:
    person, contract = clerk(office, travelled, f"届かなかった契約 {status}")
    before = pins(travelled)
    answers_once(person, status)
    person.go(f"{contract}/sign")
    begin(person)
    help_ = person.page.locator("#signing-help[data-code=undelivered]")
    expect(help_).to_be_visible(timeout=SIGNING)
    expect(help_).to_contain_text("署名は失われていません")
    person.click("もう一度試す")
    expect(person.page.locator("#signing[data-done=yes]")).to_be_attached(timeout=SIGNING)
    assert pins(travelled) == before + 1, "nothing was signed again"
    assert signatures(person, contract, tmp_path) == 1


@pytest.mark.parametrize("status", [401, 400])
def test_a_result_after_the_end_of_the_session_is_delivered_from_the_page_loaded_anew(
    travelled: Travelled, office: Offices, tmp_path: Path, status: int
) -> None:
    person, contract = clerk(office, travelled, f"接続が終わった契約 {status}")
    before = pins(travelled)
    answers_once(person, status)
    person.go(f"{contract}/sign")
    begin(person)
    help_ = person.page.locator("#signing-help[data-code=undelivered_signed_out]")
    expect(help_).to_be_visible(timeout=SIGNING)
    expect(help_).to_contain_text("署名は失われていません")
    with person.page.expect_navigation():
        person.click("もう一度試す")
    begin(person)
    expect(person.page.locator("#signing[data-done=yes]")).to_be_attached(timeout=SIGNING)
    assert pins(travelled) == before + 1, "nothing was signed again"
    assert signatures(person, contract, tmp_path) == 1


def test_a_refusal_is_said_before_anybody_signs_anew(travelled: Travelled, office: Offices, tmp_path: Path) -> None:
    """The server judged the result: the bridge may forget it, and the person hears why before the next PIN."""
    person, contract = clerk(office, travelled, "届いたあとに断られた契約")
    before = pins(travelled)
    person.page.route("**/results", lambda route: route.abort(), times=1)
    person.go(f"{contract}/sign")
    begin(person)
    expect(person.page.locator("#signing-help[data-code=undelivered]")).to_be_visible(timeout=SIGNING)
    refusal = {"code": "result_late", "message_ja": "この署名は受け付けられません。", "message_en": "Too late."}
    person.page.route("**/results", lambda route: route.fulfill(status=409, json=refusal), times=1)
    person.click("もう一度試す")
    help_ = person.page.locator("#signing-help[data-code=result_late]")
    expect(help_).to_contain_text("この署名は受け付けられません。")
    assert pins(travelled) == before + 1
    person.click("もう一度試す")
    expect(person.page.locator("#signing[data-done=yes]")).to_be_attached(timeout=SIGNING)
    assert pins(travelled) == before + 2
    assert signatures(person, contract, tmp_path) == 1


MEMORY = """(batch) => {
  const { contract, person } = document.getElementById("signing").dataset;
  const name = `cectrust-signing-${contract}-${person}`;
  if (batch) localStorage.setItem(name, batch);
  return localStorage.getItem(name);
}"""


def test_a_remembered_signing_is_forgotten_only_when_it_is_gone(travelled: Travelled, office: Offices) -> None:
    person, contract = clerk(office, travelled, "覚えていた署名の契約")
    gone = "f" * 32
    person.go(f"{contract}/sign")
    assert person.page.evaluate(MEMORY, gone) == gone
    unavailable = {"code": "incident", "message_ja": "処理を完了できませんでした。", "message_en": "Failed."}
    person.page.route("**/status", lambda route: route.fulfill(status=500, json=unavailable), times=1)
    begin(person)
    expect(person.page.locator("#signing-help[data-code=incident]")).to_be_visible(timeout=SIGNING)
    assert person.page.evaluate(MEMORY, "") == gone
    person.click("もう一度試す")
    expect(person.page.locator("#signing[data-done=yes]")).to_be_attached(timeout=SIGNING)
