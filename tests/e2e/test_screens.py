"""Each page in a real browser, at desktop and phone width: axe finds nothing, nothing overflows, no policy is broken.

Set ``TEST_SCREENS`` to a directory to keep the pictures and look at them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, expect

from cectrust.authentication import second_factor
from cectrust.identity import service as identity
from tests.e2e import stage as scene
from tests.e2e.accessibility import examine
from tests.e2e.listener import refusing_everybody
from tests.e2e.stage import BINDING, COMPUTER, PASSWORD, Stage

WIDTHS = (1280, 360)
SCREENS = {
    "home": ("sender", "/"),
    "home-company": ("company", "/"),
    "list": ("sender", "/contracts?q=外壁&state="),
    "list-empty": ("sender", "/contracts?q=ありません"),
    "new": ("sender", "/contracts/new"),
    "draft": ("sender", "/contracts/{draft}"),
    "signed": ("sender", "/contracts/{signed}"),
    "sent": ("sender", "/contracts/{sent}"),
    "sent-recipient": ("recipient", "/contracts/{sent}"),
    "sent_back": ("sender", "/contracts/{sent_back}"),
    "returned": ("sender", "/contracts/{returned}"),
    "concluded": ("sender", "/contracts/{concluded}"),
    "concluded-company": ("company", "/contracts/{concluded}"),
    "discarded": ("sender", "/contracts/{discarded}"),
    "sign": ("sender", "/contracts/{draft}/sign"),
    "batch": ("sender", "/signing/batches/{batch}"),
    "partners": ("sender", "/partners"),
    "consents": ("recipient", "/consents"),
    "consent": ("recipient", "/consents/{consent}"),
    "verify": ("recipient", "/verify"),
    "password": ("recipient", "/password"),
    "computers": ("sender", "/bridges"),
    "computers-none": ("recipient", "/bridges"),
    "computer-removal": ("sender", f"/bridges/{COMPUTER}/removal"),
    "log-in-certificate": ("sender", "/account/second-factor"),
    "certificate-removal": ("sender", f"/account/certificates/{BINDING}/removal"),
    "bridge-help": ("recipient", "/help/bridge"),
    "not-found": ("recipient", "/nowhere"),
    "sign-in": ("nobody", "/sign-in"),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with scene.running(tmp_path_factory.mktemp("stage")) as running:
        yield running


EXPECTED = (
    "404 (NOT FOUND)",
    "WebSocket connection to 'ws://127.0.0.1:",  # the signing dialog looks for a bridge, and none runs here
)


def a_context(chromium: Browser, width: int = WIDTHS[0]) -> BrowserContext:
    """Nothing fades in or out: what axe measures is what stays."""
    viewport: ViewportSize = {"width": width, "height": 900}
    return chromium.new_context(locale="ja-JP", viewport=viewport, reduced_motion="reduce")


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    yield browser
    browser.close()


class Watched:
    """One person's page; remembers whatever the browser complained about."""

    def __init__(self, page: Page, stage: Stage) -> None:
        self.page, self.stage, self.complaints = page, stage, list[str]()
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(expected in text for expected in EXPECTED):
            self.complaints.append(text)

    def sign_in(self, login_id: str, password: str, waits: str = "") -> None:
        self.page.goto(f"{self.stage.base_url}/sign-in")
        self.page.get_by_label("ユーザID または企業ID").fill(login_id)
        self.page.get_by_label("パスワード").fill(password)
        self.page.get_by_role("button", name="ログインする").click()
        self.page.wait_for_url(lambda url: waits in url if waits else "/sign-in" not in url)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.stage.base_url}{path}")
        if self.page.locator(".viewer[data-pdf]").count():
            self.page.locator(".viewer [data-drawn]").first.wait_for()
        self.page.evaluate("document.fonts.ready.then(() => true)")

    def violations(self) -> list[str]:
        return examine(self.page)


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, stage: Stage) -> Iterator[dict[str, Watched]]:
    contexts = {role: a_context(chromium) for role in ("sender", "recipient", "company", "nobody")}
    watched = {role: Watched(context.new_page(), stage) for role, context in contexts.items()}
    for role, person in stage.people.items():
        if role in watched:
            watched[role].sign_in(person.login_id, PASSWORD)
    yield watched
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", SCREENS)
def test_a_page_is_accessible_fits_and_breaks_no_policy(
    signed_in: dict[str, Watched], stage: Stage, name: str, width: int
) -> None:
    role, path = SCREENS[name]
    watched = signed_in[role]
    watched.complaints.clear()
    watched.page.set_viewport_size({"width": width, "height": 900})
    watched.open(path.format(**stage.contracts, consent=stage.consent))
    picture(watched.page, f"{name}-{width}")
    assert watched.violations() == []
    assert watched.complaints == []


def test_a_partner_is_searched_beside_what_was_entered(signed_in: dict[str, Watched]) -> None:
    watched = signed_in["sender"]
    watched.complaints.clear()
    watched.open("/contracts/new")
    page, options = watched.page, watched.page.locator("#recipient_account_id option")
    page.get_by_label("契約書類（PDF）").set_input_files(scene.PDF)
    page.get_by_label("件名").fill("仮設足場 単価契約書")
    page.get_by_label("企業の名称の一部").fill("(有)神福")
    page.keyboard.press("Enter")
    expect(options).to_have_count(3)  # two people, and none
    expect(page.get_by_label("件名")).to_have_value("仮設足場 単価契約書")
    assert page.get_by_label("契約書類（PDF）").evaluate("field => field.files.length") == 1
    page.get_by_label("取引先").select_option(index=1)
    expect(page.get_by_text("この取引先と合意した記録はまだありません。")).to_be_visible()
    page.get_by_label("企業の名称の一部").fill("ありません")
    page.get_by_role("button", name="探す").click()
    expect(options).to_have_count(3)  # whoever was chosen stays
    picture(page, "new-searched-1280")
    assert watched.violations() == []
    assert watched.complaints == []


def test_T22_an_absent_and_an_unpaired_bridge_have_their_own_words(signed_in: dict[str, Watched], stage: Stage) -> None:
    watched = signed_in["sender"]
    watched.page.set_viewport_size({"width": 1280, "height": 900})
    watched.open(f"/contracts/{stage.contracts['draft']}/sign")
    watched.page.get_by_role("button", name="署名を始める").click()
    watched.page.locator("#signing-help[data-code=bridge_absent]").wait_for()
    picture(watched.page, "sign-absent-1280")
    assert watched.violations() == []
    with refusing_everybody(stage.bridge_ports[0]):
        watched.page.get_by_role("button", name="もう一度試す").click()
        watched.page.locator("#signing-help[data-code=not_paired]").wait_for()
    assert watched.page.get_by_role("link", name="PC環境設定を開く").get_attribute("href") == "/help/bridge#not-paired"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_new_code_is_shown_whole_and_waits_for_the_bridge(chromium: Browser, stage: Stage, width: int) -> None:
    """In a session of its own: what was confirmed in another one's counts there for five minutes."""
    context = a_context(chromium, width)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched = Watched(context.new_page(), stage)
    watched.sign_in(stage.people["recipient"].login_id, PASSWORD)
    watched.open("/bridges")
    watched.page.get_by_role("button", name="登録コードを作る").click()
    watched.page.get_by_role("heading", name="ご本人の確認").wait_for()
    look(watched, f"confirm-password-{width}")
    watched.complaints.clear()  # about status 403
    watched.page.get_by_label("パスワード").fill(PASSWORD)
    watched.page.get_by_role("button", name="確認して続ける").click()
    watched.page.get_by_text("署名ブリッジでの操作を待っています").wait_for()
    picture(watched.page, f"computer-code-{width}")
    shown = watched.page.get_by_role("textbox", name="登録コード")
    watched.page.get_by_role("button", name="登録コードをコピーする").click()
    watched.page.get_by_role("button", name="コピーしました").wait_for()
    assert watched.page.evaluate("navigator.clipboard.readText()") == shown.input_value()
    assert re.fullmatch(r"([0-9A-Z]{5}-){5}[0-9A-Z]{5}", shown.input_value())
    assert shown.evaluate("field => field.scrollWidth <= field.clientWidth && field.scrollHeight <= field.clientHeight")
    assert watched.violations() == []
    assert watched.complaints == []
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_way_in_with_a_certificate_and_without_the_token(chromium: Browser, stage: Stage, width: int) -> None:
    context, codes = a_context(chromium, width), recovery_codes(stage)
    watched = Watched(context.new_page(), stage)
    watched.sign_in(stage.people["careful"].login_id, PASSWORD, waits="second-factor")
    watched.page.get_by_role("button", name="電子証明書で確認する").click()
    watched.page.locator("#authentication-help[data-code=bridge_absent]").wait_for()
    watched.page.get_by_text("イートークンが使えないとき").click()
    look(watched, f"second-factor-{width}")
    use_recovery_code(watched, codes.pop())
    watched.page.get_by_text("復旧コードでログインしました").wait_for()
    watched.open("/account/second-factor")
    look(watched, f"log-in-certificate-on-{width}")
    watched.page.get_by_role("button", name="復旧コードを作り直す").click()
    watched.page.get_by_text("イートークンが使えないとき").click()
    look(watched, f"confirm-certificate-{width}")
    use_recovery_code(watched, codes.pop())
    watched.page.get_by_role("heading", name="復旧コード").wait_for()
    look(watched, f"recovery-codes-{width}")
    context.close()


def look(watched: Watched, name: str) -> None:
    picture(watched.page, name)
    assert watched.violations() == []


def recovery_codes(stage: Stage) -> list[str]:
    """New ones, so that no case needs what another left."""
    with stage.platform.work() as work:
        return second_factor.issue_codes(identity.SYSTEM, work, stage.people["careful"].login_id)


def use_recovery_code(watched: Watched, code: str) -> None:
    watched.page.get_by_label("復旧コード").fill(code)
    watched.page.get_by_role("button", name="復旧コードで確認する").click()


def test_T22_the_help_page_examines_this_computer(signed_in: dict[str, Watched]) -> None:
    watched = signed_in["recipient"]
    watched.open("/help/bridge")
    watched.page.get_by_role("button", name="調べる").click()
    expect(watched.page.locator("#check-result")).to_have_attribute("data-code", "bridge_absent", timeout=30_000)
    assert watched.violations() == []


def test_the_initial_password_is_changed_by_keyboard_alone(chromium: Browser, stage: Stage) -> None:
    context = a_context(chromium)
    watched = Watched(context.new_page(), stage)
    watched.sign_in(stage.people["newcomer"].login_id, stage.newcomer_password)
    picture(watched.page, "first-password-1280")
    watched.page.get_by_label("現在のパスワード").focus()
    for text in (stage.newcomer_password, PASSWORD, PASSWORD):
        watched.page.keyboard.type(text)
        watched.page.keyboard.press("Tab")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url(f"{stage.base_url}/")
    assert watched.page.get_by_text("パスワードを変更しました").is_visible()
    context.close()


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("TEST_SCREENS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
