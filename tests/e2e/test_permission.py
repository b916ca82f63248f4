"""A page from a public https address asks for the bridge: what the browsers do, and what the page then says (T22).

The browsers' own permission is at work. The page's address is declared public by a switch of Chromium and a preference
of Firefox, for to both it would otherwise be a loopback address, which nobody guards.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Playwright

from cectrust.settings_sections import Bridge as BridgeSettings
from tests.e2e import chromium, firefox
from tests.e2e.browser import Tab
from tests.e2e.chromium import ChromiumTab
from tests.e2e.conftest import PUBLIC_HOST
from tests.e2e.firefox import FirefoxTab
from tests.e2e.listener import Handshakes, refusing_everybody
from tests.e2e.office import Office
from tests.e2e.stage import PASSWORD, Stage

WORDS = {
    "permission_denied": ("ブラウザが署名ブリッジへの接続を止めています", "denied"),
    "permission_ignored": ("ブラウザの問い合わせに、まだ答えていません", "waiting"),
    "not_paired": ("このサーバーが登録されていません", "not-paired"),
}
LOOPBACK = "loopback-network"
PROMPT_MILLISECONDS = 61_000
"""The page gives a person a minute to answer the browser."""


@pytest.fixture
def bridge(public_stage: Stage) -> Iterator[Handshakes]:
    with refusing_everybody(public_stage.bridge_ports[0]) as heard:
        yield heard


@pytest.fixture(scope="module")
def firefox_tab(public_stage: Stage) -> Iterator[FirefoxTab]:
    """Taking the page's address for a public one; signed in."""
    address = f"127.0.0.1:{public_stage.base_url.rsplit(':', 1)[1]}"
    tab = firefox.launch(
        {"network.dns.localDomains": PUBLIC_HOST, "network.lna.address_space.public.override": address}
    )
    try:
        sign_in(tab, public_stage)
        yield tab
    finally:
        tab.close()


@pytest.fixture
def chromium_tab(public_stage: Stage, playwright: Playwright) -> Iterator[Callable[..., ChromiumTab]]:
    opened: list[ChromiumTab] = []

    def launched(**options: object) -> ChromiumTab:
        address = f"127.0.0.1:{public_stage.base_url.rsplit(':', 1)[1]}"
        switches = (
            f"--host-resolver-rules=MAP {PUBLIC_HOST} 127.0.0.1",
            f"--ip-address-space-overrides={address}=public",
        )
        opened.append(chromium.launch(playwright, *switches, **options))
        sign_in(opened[-1], public_stage)
        return opened[-1]

    yield launched
    for tab in opened:
        tab.close()


def address(stage: Stage) -> str:
    """Where the page's server listens in truth."""
    return f"127.0.0.1:{stage.base_url.rsplit(':', 1)[1]}"


def sign_in(tab: Tab, stage: Stage) -> None:
    Office(tab, stage.base_url, {}).enter(stage.people["sender"].login_id, PASSWORD)


def begin(tab: Tab, stage: Stage) -> None:
    tab.open(f"{stage.base_url}/contracts/{stage.contracts['draft']}/sign")
    tab.sees("#signing[data-ready=yes]")
    tab.press("署名を始める")


def says(tab: Tab, code: str, seconds: float = 20) -> None:
    """Its own words, a button to try again, and the way to the help page."""
    words, anchor = WORDS[code]
    tab.sees(f"#signing-help[data-code={code}]", words, seconds)
    tab.sees("#signing-help button", "もう一度試す")
    tab.sees(f"#signing-help a[href='/help/bridge#{anchor}']", "PC環境設定を開く")


def test_chromium_denied_lets_nothing_through_and_the_page_says_so(
    chromium_tab: Callable[..., ChromiumTab], public_stage: Stage, bridge: Handshakes
) -> None:
    """Headless Chromium answers its own question with "block"; until the click the page has asked for nothing."""
    tab = chromium_tab()
    tried: list[str] = []
    tab.page.on("websocket", lambda socket: tried.append(socket.url))
    begin(tab, public_stage)
    says(tab, "permission_denied")
    assert bridge == []
    assert len(tried) == len(set(tried)) == len(BridgeSettings().ports)


def test_chromium_ignored_ends_by_the_pages_own_timer_and_an_answer_then_helps(
    chromium_tab: Callable[..., ChromiumTab], public_stage: Stage, bridge: Handshakes, display: str
) -> None:
    tab = chromium_tab(headless=False, env={**os.environ, "DISPLAY": display})
    tab.page.clock.install()
    with tab.page.expect_websocket():
        begin(tab, public_stage)
    tab.page.clock.fast_forward(PROMPT_MILLISECONDS)
    says(tab, "permission_ignored")
    assert bridge == []
    tab.context.grant_permissions(["local-network-access"], origin=public_stage.base_url)
    tab.press("もう一度試す")
    says(tab, "not_paired")
    assert bridge == [public_stage.base_url]


def test_firefox_as_shipped_lets_websockets_through_unasked(
    firefox_tab: FirefoxTab, public_stage: Stage, bridge: Handshakes
) -> None:
    """Only plain requests are guarded; so the page must not give up before it has tried."""
    firefox_tab.answer(public_stage.base_url, LOOPBACK, "block")
    begin(firefox_tab, public_stage)
    says(firefox_tab, "permission_denied")
    assert bridge == [public_stage.base_url]


@pytest.fixture
def guarding(firefox_tab: FirefoxTab) -> Iterator[FirefoxTab]:
    """Firefox as it will be: WebSockets are guarded as well."""
    with firefox_tab.marionette.using_prefs({"network.lna.websocket.enabled": True}):
        yield firefox_tab


def test_firefox_denied_lets_nothing_through_and_the_page_says_so(
    guarding: FirefoxTab, public_stage: Stage, bridge: Handshakes
) -> None:
    guarding.answer(public_stage.base_url, LOOPBACK, "block")
    begin(guarding, public_stage)
    says(guarding, "permission_denied")
    assert bridge == []


def test_firefox_granted_lets_the_page_reach_the_bridge(
    guarding: FirefoxTab, public_stage: Stage, bridge: Handshakes
) -> None:
    guarding.answer(public_stage.base_url, LOOPBACK, "allow")
    begin(guarding, public_stage)
    says(guarding, "not_paired")
    assert bridge == [public_stage.base_url]


def test_an_administrators_firefox_is_not_asked(guarding: FirefoxTab, public_stage: Stage, bridge: Handshakes) -> None:
    """The preference behind the policy ``LocalNetworkAccess.SkipDomains``."""
    guarding.answer(public_stage.base_url, LOOPBACK, "")
    with guarding.marionette.using_prefs({"network.lna.skip-domains": PUBLIC_HOST}):
        begin(guarding, public_stage)
        says(guarding, "not_paired")
    assert bridge == [public_stage.base_url]


@pytest.mark.long
@pytest.mark.parametrize("websockets", [True, False])
def test_firefox_ignored_ends_by_the_pages_own_timer(
    firefox_tab: FirefoxTab, public_stage: Stage, bridge: Handshakes, websockets: bool
) -> None:
    """Where only plain requests are guarded, it is the probe after the refused WebSocket that makes Firefox ask."""
    firefox_tab.answer(public_stage.base_url, LOOPBACK, "")
    with firefox_tab.marionette.using_prefs({"network.lna.websocket.enabled": websockets}):
        begin(firefox_tab, public_stage)
        says(firefox_tab, "permission_ignored", 2 * PROMPT_MILLISECONDS / 1000)
        assert firefox_tab.asks()
    assert bridge == ([] if websockets else [public_stage.base_url])
