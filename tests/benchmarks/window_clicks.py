"""From the click on 「署名を始める」 to the bridge's consent window: prints the milliseconds of each round as JSON.

A whole demonstration runs: server, worker, keys role, real Chromium, real bridge with windows on a virtual screen.
Every round signs a contract of its own, because the server would not prepare the same one twice.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

BRIDGE = Path(__file__).parents[2] / "bridge"
sys.path += [str(BRIDGE / "benchmarks"), str(BRIDGE / "tests"), str(BRIDGE / "vectors")]

from consent_window import Watch, screen  # noqa: E402  # found on the path above
from screen import Screen  # noqa: E402

from cectrust.demo import processes  # noqa: E402
from cectrust.demo.people import PARTICIPANTS  # noqa: E402
from tests.benchmarks.documents import CASES, make_document  # noqa: E402
from tests.benchmarks.plain_chromium import PATIENCE, PlainChromium, plain_chromium  # noqa: E402
from tests.e2e.office import Office  # noqa: E402
from tests.e2e.opening import browsers  # noqa: E402
from tests.e2e.running import Running, running  # noqa: E402

SIZE = "5 MB, 50 pages"
ROUNDS = 5
READING = 2.0
"""Seconds in which the person reads the page before the click."""
CLICK = "window.clicked = Date.now(); document.querySelector('#signing [data-start]').click()"


def main() -> None:
    """The first round is not counted: in it the person lets the page see the certificates."""
    with tempfile.TemporaryDirectory(prefix="cectrust-bench-") as folder, screen() as display:
        document = make_document(Path(folder) / "contract.pdf", *CASES[SIZE])
        with running(Path(folder) / "demo") as demo, browsers(demo) as office:
            demo.stop_bridges()
            person = office("a")
            person.sign_in(person.facts["user_login"], person.facts["user_password"])
            with _windows(demo, display), plain_chromium() as page:
                page.take_over([dict(cookie) for cookie in person.context.cookies()])
                desk = Desk(person, page, demo.people["b"]["company"], document, Watch(display), Screen(display))
                desk.allow_the_list()
                taken = [desk.click() for _ in range(ROUNDS)]
                desk.watch.stop()
    print(json.dumps(taken))


@contextmanager
def _windows(demo: Running, display: str) -> Iterator[None]:
    """The bridge of the first company, with windows instead of a terminal."""
    program = processes.bridge(demo.layout, PARTICIPANTS[0], "window")
    english = {"LANG": "en_US.UTF-8", "LC_ALL": ""}  # xdotool reads Latin titles only
    program = replace(program, environment={**program.environment, "DISPLAY": display, **english})
    with subprocess.Popen([*program.command, "--no-window"], env=program.environment) as bridge:
        try:
            deadline = time.monotonic() + PATIENCE
            while not program.ready():
                assert time.monotonic() < deadline, "the bridge does not listen"
                time.sleep(0.1)
            yield
        finally:
            bridge.terminate()


@dataclass
class Desk:
    """A person at a browser, with the bridge's windows before him; another browser of his registers the contracts."""

    person: Office
    page: PlainChromium
    partner: str
    document: Path
    watch: Watch
    eyes: Screen

    def allow_the_list(self) -> None:
        """Once for this server; and refuse to sign."""
        self._begin()
        self.eyes.wait_until_awake("CECTRUST: show the list")
        self.eyes.press("Tab", "space")
        self._decline()

    def click(self) -> float:
        """Milliseconds from the click to the mapped window, which is then closed."""
        self._begin()
        clicked = float(self.page.evaluate("window.clicked")) / 1000
        taken = self.watch.milliseconds_since(clicked - time.time() + time.perf_counter())
        self._decline()
        return taken

    def _begin(self) -> None:
        contract = self.person.register("外壁改修工事 請負契約書", self.document, self.partner, "CECSIGN電子証明書")
        self.page.open(f"{self.person.base_url}{contract}/sign", "#signing[data-ready=yes]")
        time.sleep(READING)
        self.page.evaluate(CLICK)

    def _decline(self) -> None:
        self.eyes.focus("CECTRUST: sign")
        self.eyes.press("Escape")
        deadline = time.monotonic() + PATIENCE
        while not self.page.evaluate("!!document.querySelector('#signing-help[data-code=user_cancelled]')"):
            assert time.monotonic() < deadline, "the page does not hear of it"
            time.sleep(0.1)


if __name__ == "__main__":
    main()
