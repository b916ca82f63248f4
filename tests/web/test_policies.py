"""Policies that administrators download are made for this server's own address, in the form that each browser reads."""

from __future__ import annotations

import json
import plistlib

import pytest

from cectrust.web.policies import FILES
from tests.web.support import BASE, Browser


def test_every_file_is_offered_on_the_help_page_and_downloads(browser: Browser) -> None:
    page = browser.get("/help/bridge").text
    for name, file in FILES.items():
        answer = browser.get(f"/help/bridge/policies/{name}")
        assert f'href="/help/bridge/policies/{name}"' in page
        assert answer.status_code == 200
        assert answer.mimetype == file.mimetype
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("name", ["chrome.json", "chromium.json", "edge.json"])
def test_chromium_browsers_get_the_origin(browser: Browser, name: str) -> None:
    assert json.loads(browser.get(f"/help/bridge/policies/{name}").data) == {"LoopbackNetworkAllowedForUrls": [BASE]}


def test_firefox_gets_the_host(browser: Browser) -> None:
    policies = json.loads(browser.get("/help/bridge/policies/firefox.json").data)["policies"]
    assert policies == {"LocalNetworkAccess": {"SkipDomains": ["localhost"]}}


@pytest.mark.parametrize(
    ("name", "product"), [("windows-chrome.reg", r"Google\Chrome"), ("windows-edge.reg", r"Microsoft\Edge")]
)
def test_windows_gets_a_registry_file_as_regedit_writes_it(browser: Browser, name: str, product: str) -> None:
    lines = browser.get(f"/help/bridge/policies/{name}").data.decode("utf-16").split("\r\n")
    assert lines[0] == "Windows Registry Editor Version 5.00"
    assert lines[2] == rf"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\{product}\LoopbackNetworkAllowedForUrls]"
    assert lines[3] == f'"1"="{BASE}"'


def test_macos_gets_a_profile_that_stays_the_same(browser: Browser) -> None:
    path = "/help/bridge/policies/macos-chrome.mobileconfig"
    profile = plistlib.loads(browser.get(path).data)
    [policy] = profile["PayloadContent"]
    assert (policy["PayloadType"], policy["LoopbackNetworkAllowedForUrls"]) == ("com.google.Chrome", [BASE])
    assert browser.get(path).data == browser.get(path).data
    assert profile["PayloadUUID"] != policy["PayloadUUID"]


def test_the_address_for_the_telephone_leads_to_the_page(browser: Browser) -> None:
    answer = browser.get("/help/pc-setup")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/help/bridge")
