"""Our pages in a frame of a foreign page, and ours after DNS rebinding: neither is shown, so neither can be misused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Playwright

from tests.e2e import chromium, firefox
from tests.e2e.browser import Tab
from tests.e2e.chromium import ChromiumTab
from tests.e2e.conftest import PUBLIC_HOST
from tests.e2e.firefox import FirefoxTab
from tests.e2e.stage import Stage

EMBED = """([address, allow]) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: address, allow, onload: () => resolve(true) });
  document.body.append(frame);
})"""
LENT = "loopback-network *; local-network-access *"
EVIL = "evil.test"


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """A page of somebody else's."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>foreign</title><body>")

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def tab(request: pytest.FixtureRequest, playwright: Playwright) -> Iterator[Tab]:
    if request.param == "chromium":
        opened: Tab = chromium.launch(playwright, "--host-resolver-rules=MAP *.test 127.0.0.1")
    else:
        opened = firefox.launch({"network.dns.localDomains": f"{PUBLIC_HOST},{EVIL}"})
    yield opened
    opened.close()


def framed(tab: Tab) -> str:
    """What the frame shows in truth, as the browser itself knows it."""
    if isinstance(tab, FirefoxTab):
        shown = "() => gBrowser.selectedBrowser.browsingContext.children[0].currentWindowGlobal.documentURI.spec"
        return str(tab.privileged(shown))
    assert isinstance(tab, ChromiumTab)
    frame = tab.page.frames[1]
    frame.wait_for_url(lambda address: address not in ("", "about:blank"))  # the driver hears of it after the page
    return frame.url


def test_a_frame_of_the_foreign_pages_own_is_shown(tab: Tab, foreign: str) -> None:
    """Or else the next test would say nothing."""
    tab.open(foreign)
    tab.evaluate(EMBED, [foreign.replace("127.0.0.1", "localhost"), LENT])
    assert framed(tab) == foreign.replace("127.0.0.1", "localhost")


@pytest.mark.parametrize("allow", ["", LENT])
def test_no_page_of_ours_is_shown_in_a_foreign_frame(tab: Tab, public_stage: Stage, foreign: str, allow: str) -> None:
    tab.open(foreign)
    tab.evaluate(EMBED, [f"{public_stage.base_url}/sign-in", allow])
    assert framed(tab).startswith(("chrome-error://", "about:neterror?e=cspBlocked", "about:neterror?e=xfoBlocked"))


def test_a_rebound_name_gets_no_page_of_ours(tab: Tab, public_stage: Stage) -> None:
    """The server answers to its own name only; what the bridge makes of such a page is tested beside the bridge."""
    tab.open(public_stage.base_url.replace(PUBLIC_HOST, EVIL) + "/sign-in")
    assert tab.evaluate("() => performance.getEntriesByType('navigation')[0].responseStatus") == 400
    tab.lacks("input[name=password]")
