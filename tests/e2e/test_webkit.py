"""Safari's engine can't reach the bridge from an https page: it is told so kindly, and does not wait for ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import stage as scene
from tests.e2e.listener import refusing_everybody
from tests.e2e.stage import PASSWORD, Stage
from tests.e2e.webkit import webkit

SILENT = """() => {
  window.outcome = "waiting";
  const socket = new WebSocket(`ws://127.0.0.1:${document.getElementById("signing").dataset.ports.split(" ")[0]}/`);
  socket.onopen = () => { window.outcome = "open"; };
  socket.onclose = () => { window.outcome = "closed"; };
  return true;
}"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """At localhost, for MiniBrowser can't be given other names. WebKit treats an https page there like any other."""
    with scene.running(tmp_path, https="localhost") as started:
        yield started


def test_webkit_is_told_which_browsers_can_sign(stage: Stage, display: str) -> None:
    signing = f"{stage.base_url}/contracts/{stage.contracts['draft']}/sign"
    with refusing_everybody(stage.bridge_ports[0]) as heard, webkit(display) as page:
        page.open(f"{stage.base_url}/sign-in")
        page.fill("input[name=login_id]", stage.people["sender"].login_id)
        page.fill("input[name=password]", PASSWORD)
        page.press("main form button")
        page.waits_for("() => !location.pathname.startsWith('/sign-in')", 20)
        page.open(signing)
        page.waits_for("() => document.getElementById('signing')?.dataset.ready === 'yes'", 20)
        assert page.evaluate(SILENT)
        page.press("#signing [data-start]")
        page.waits_for("() => document.getElementById('signing-help').dataset.code === 'browser_unsupported'", 20)
        words = page.evaluate("() => document.getElementById('signing-help').innerText")
        assert page.evaluate("() => window.outcome") == "waiting", "WebKit fires no close event: our own timer spoke"
    assert "このブラウザからは署名ブリッジを使えません。Chrome、Edge または Firefox で開いてください。" in words
    assert heard == []
