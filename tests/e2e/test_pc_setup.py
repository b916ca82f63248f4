"""PC環境設定ツール in Chromium at a public https address: alone, with a real bridge, and with a real policy file."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Playwright, expect

from cectrust.signing import bridge_store
from cectrust.signing.bridge_model import RegisteredBridge
from tests.e2e import firefox
from tests.e2e.accessibility import examine
from tests.e2e.chromium import CHROMIUM, QUIET, ChromiumTab
from tests.e2e.conftest import PUBLIC_HOST
from tests.e2e.own_etc import Computer
from tests.e2e.squatter import BAIT, squatting
from tests.e2e.stage import PASSWORD, Stage

WIDTHS = (1280, 360)
HINT = "髙﨑 𠮷乃（株式会社山田太郎建設工業北海道東北支店営業第一部）"
Opened = Callable[..., ChromiumTab]
Administered = Callable[[str, str, str], Path]


def coordinate(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


def pairing(origin: str) -> dict[str, Any]:
    """As an administrator's hand would write it, under an identity that nothing in these tests uses."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    key = {"kty": "EC", "crv": "P-256", "x": coordinate(point.x), "y": coordinate(point.y)}
    facts = {"v": 1, "server_name": "CECTRUST", "issuer": origin, "origins": [origin], "user_hint": HINT}
    return {**facts, "identity_key": key}


@contextlib.contextmanager
def running_bridge(stage: Stage, profile: Path) -> Iterator[None]:
    (profile / "servers").mkdir(parents=True)
    profile.chmod(0o700)
    (profile / "servers" / "one.json").write_text(json.dumps(pairing(stage.base_url)), encoding="utf-8")
    (profile / "config.toml").write_text(
        '[[pkcs11]]\nname = "山田のドライバー"\npath = "/usr/lib/gone.so"\n', encoding="utf-8"
    )
    command = [sys.executable, "-m", "cectrust_bridge", "run", "--profile", str(profile), "--prompter", "terminal"]
    command += ["--port", str(stage.bridge_ports[0])]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as bridge:
        try:
            assert bridge.stderr is not None
            assert b"listening" in bridge.stderr.readline()
            yield
        finally:  # leaving the block waits for the bridge
            bridge.terminate()
            bridge.communicate()


@pytest.fixture
def opened(public_stage: Stage, playwright: Playwright) -> Iterator[Opened]:
    tabs: list[ChromiumTab] = []

    def launched(program: str | Path = CHROMIUM, guarded: bool = True) -> ChromiumTab:
        """Without a screen a guarded Chromium says no to itself; about a page that is local it asks nobody."""
        address = f"127.0.0.1:{public_stage.base_url.rsplit(':', 1)[1]}"
        mapped = f"--host-resolver-rules=MAP {PUBLIC_HOST} 127.0.0.1"
        switches = [*QUIET, mapped, *([f"--ip-address-space-overrides={address}=public"] if guarded else [])]
        tabs.append(ChromiumTab(playwright.chromium.launch(executable_path=program, args=switches)))
        tabs[-1].open(f"{public_stage.base_url}/help/bridge")
        return tabs[-1]

    yield launched
    for tab in tabs:
        tab.close()


def examined(tab: ChromiumTab) -> dict[str, str]:
    """What the page lists, by code; what is bad stands first."""
    tab.press("調べる")
    tab.sees("#findings > li")
    found = tab.evaluate(
        "() => [...document.querySelectorAll('#findings > li')].map((e) => [e.dataset.code, e.dataset.state])"
    )
    order = ["bad", "doubtful", "good"]
    assert [order.index(state) for _, state in found] == sorted(order.index(state) for _, state in found)
    return dict(found)


def look(tab: ChromiumTab, name: str) -> None:
    """At both widths: nothing for axe, and a picture if they are kept."""
    for width in WIDTHS:
        tab.resize((width, 900))
        if kept := os.environ.get("TEST_SCREENS"):
            tab.picture(Path(kept) / f"{name}-{width}.png")
        assert examine(tab) == []


def test_without_a_bridge_the_page_says_what_the_browser_knows_and_what_to_install(opened: Opened) -> None:
    tab = opened(guarded=False)
    found = examined(tab)
    assert found.get("bridge.bridge_absent") == "bad", found
    assert found["browser.known"] == found["time.right"] == "good"
    tab.sees("#install", "署名ブリッジを入れる")
    tab.follow("#report > summary")
    report = json.loads(tab.page.locator("#report-text").input_value())
    assert {each["code"] for each in report["findings"]} == set(found)
    assert report["environment"] is None
    look(tab, "pc-setup-alone")


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    if os.getuid() != 0:
        pytest.skip("only root may give one program another /etc")
    return Computer(tmp_path)


@pytest.fixture
def administered(computer: Computer, public_stage: Stage) -> Administered:
    """A browser on a computer where an administrator put the server's own policy file into its place under /etc."""

    def wrapped(program: str, name: str, place: str) -> Path:
        computer.write(place, downloaded(public_stage, f"/help/bridge/policies/{name}"))
        return computer.having(program)

    return wrapped


def downloaded(stage: Stage, path: str) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.closing(
        http.client.HTTPSConnection("127.0.0.1", int(stage.base_url.rsplit(":", 1)[1]), context=context)
    ) as connection:
        connection.request("GET", path, headers={"Host": stage.base_url.removeprefix("https://")})
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read()


def sign_in(tab: ChromiumTab, stage: Stage) -> None:
    tab.open(f"{stage.base_url}/sign-in")
    tab.fill("ユーザID または企業ID", stage.people["recipient"].login_id)
    tab.fill("パスワード", PASSWORD)
    tab.press("ログインする")
    tab.arrives("(?!.*/sign-in).*")
    tab.open(f"{stage.base_url}/help/bridge")


def register(stage: Stage, profile: Path) -> None:
    """As pairing does: the bridge's identity is this person's."""
    command = [sys.executable, "-m", "cectrust_bridge", "identity", "--profile", str(profile)]
    identity = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    with stage.platform.work() as work:
        person, now = stage.people["recipient"].id, work.clock.now()
        computer = (identity["bridge_id"], person, identity["jwk"], "3" * 32, "", "", now, None, None, None)
        bridge_store.register(work.session, RegisteredBridge(*computer))


def test_page_and_verified_bridge_make_one_list_that_names_nobody(
    opened: Opened, administered: Administered, public_stage: Stage, tmp_path: Path
) -> None:
    """Headless Chromium answers its own question with "block": only the policy lets the page through."""
    with running_bridge(public_stage, tmp_path / "profile"):
        register(public_stage, tmp_path / "profile")
        assert examined(opened())["bridge.permission_denied"] == "bad"
        tab = opened(administered(CHROMIUM, "chromium.json", "/etc/chromium/policies/managed/cectrust.json"))
        sign_in(tab, public_stage)
        found = examined(tab)
        look(tab, "pc-setup-bridge")
    assert found["permission.granted"] == found["bridge.found"] == "good"
    assert found["module.missing"] == "bad"
    assert found["pairing.some"] == "good"
    expect(tab.page.locator("#check-result")).to_contain_text("接続しました")
    expect(tab.page.locator("li[data-code='module.missing']")).to_contain_text("山田のドライバー")
    report = tab.page.locator("#report-text").input_value()
    assert {each["code"] for each in json.loads(report)["findings"]} == set(found)
    assert "髙﨑" not in report
    assert str(Path.home()) + "/" not in report


def test_a_bridge_that_nobody_signed_in_for_chooses_among_the_pages_own_sentences(
    opened: Opened, public_stage: Stage, tmp_path: Path
) -> None:
    with running_bridge(public_stage, tmp_path / "profile"):
        tab = opened(guarded=False)
        found = examined(tab)
        look(tab, "pc-setup-unverified")
    assert found["bridge.unverified"] == "doubtful"
    assert found["module.missing"] == "bad"
    missing = tab.page.locator("li[data-code='module.missing']")
    expect(missing).to_contain_text("ドライバーのファイルがありません")
    expect(missing).to_contain_text("ブリッジ未確認")
    expect(missing).not_to_contain_text("山田のドライバー")


def test_a_squatters_words_never_appear_in_the_page_that_examines(opened: Opened, public_stage: Stage) -> None:
    tab = opened(guarded=False)
    with squatting(public_stage.bridge_ports[0]) as squatter:
        found = examined(tab)
    assert set(squatter.heard) == {"hello", "env.check"}
    assert found["bridge.unverified"] == found["bridge.other"] == "doubtful"
    assert found["module.missing"] == "bad", "the state is the page's, too"
    assert "bridge.found" not in found
    assert BAIT not in tab.page.content()
    assert BAIT not in tab.page.locator("#report-text").input_value()


def test_a_squatter_hears_a_hello_only_from_the_page_that_examines_for_whoever_is_signed_in(
    opened: Opened, public_stage: Stage
) -> None:
    tab = opened(guarded=False)
    sign_in(tab, public_stage)
    with squatting(public_stage.bridge_ports[0]) as squatter:
        assert examined(tab)["bridge.wrong_bridge"] == "bad"
        look(tab, "pc-setup-not-registered")
    assert set(squatter.heard) == {"hello"}
    assert BAIT not in tab.page.content()


def test_the_page_speaks_english(opened: Opened) -> None:
    tab = opened(guarded=False)
    tab.press("English")
    tab.press("Examine")
    tab.sees("#findings > li[data-code='browser.known']", "This browser can sign.")


def test_chromium_obeys_what_the_doctor_merged_into_the_companys_own_list(
    opened: Opened, computer: Computer, public_stage: Stage
) -> None:
    theirs = {"LoopbackNetworkAllowedForUrls": ["https://other.example.jp"], "PromotionsEnabled": False}
    computer.write("/etc/chromium/policies/managed/company.json", theirs)
    assert examined(opened(computer.having(CHROMIUM)))["permission.prompt"] == "good"
    computer.repair(public_stage.base_url)
    assert examined(opened(computer.having(CHROMIUM)))["permission.granted"] == "good"


def test_an_allowance_for_loopback_stands_before_a_block_of_the_whole_local_network_in_chromium(
    opened: Opened, computer: Computer, public_stage: Stage
) -> None:
    """The order that ``doctor.policy_rules`` has from the documentation."""
    blocked = {"LocalNetworkAccessBlockedForUrls": ["*"], "LocalNetworkBlockedForUrls": ["*"]}
    allowed = {**blocked, "LoopbackNetworkAllowedForUrls": [public_stage.base_url]}
    computer.write("/etc/chromium/policies/managed/company.json", allowed)
    assert examined(opened(computer.having(CHROMIUM)))["permission.granted"] == "good"


def test_firefox_obeys_what_the_doctor_merged_into_the_companys_own_policies(
    computer: Computer, public_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = {"Enabled": True, "SkipDomains": ["other.example.jp"]}
    theirs = {"policies": {"DisableTelemetry": True, "LocalNetworkAccess": access}}
    computer.write("/etc/firefox/policies/policies.json", theirs)
    computer.repair(public_stage.base_url)
    skipped, active = firefox_policies(computer.having(firefox.FIREFOX), monkeypatch)
    assert skipped == f"other.example.jp,{PUBLIC_HOST}"
    assert sorted(active) == ["DisableTelemetry", "LocalNetworkAccess"]


def test_firefox_takes_its_policy_file_for_the_servers_host(
    administered: Administered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the preference then does is tried in ``test_permission``."""
    program = administered(firefox.FIREFOX, "firefox.json", "/etc/firefox/policies/policies.json")
    assert firefox_policies(program, monkeypatch)[0] == PUBLIC_HOST


def firefox_policies(program: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """The hosts that Firefox lets through, and the names of the policies that are active."""
    for name in ("application.ini", "platform.ini"):  # the driver reads them beside the program
        (program.parent / name).symlink_to(Path(firefox.FIREFOX).parent / name)
    monkeypatch.setattr(firefox, "FIREFOX", str(program))
    tab = firefox.launch()
    try:
        skipped = tab.privileged("() => Services.prefs.getStringPref('network.lna.skip-domains')")
        active = tab.privileged("() => Object.keys(Services.policies.getActivePolicies())")
        return str(skipped), [str(each) for each in active]
    finally:
        tab.close()
