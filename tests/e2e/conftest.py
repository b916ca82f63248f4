"""One demonstration runs for the whole package, and one journey leads through it; the tests judge what it left."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.e2e import stage as scene
from tests.e2e.journey import LOG_KEY, Journey, travel
from tests.e2e.office import Office
from tests.e2e.opening import offices
from tests.e2e.running import Running, running
from tests.e2e.stage import Stage
from tests.support.judges import embedded_signatures, is_document_timestamp, revision_end

TWO_BROWSERS = {"a": "chromium", "b": "firefox"}
PUBLIC_HOST = "cectrust.test"
DOCUMENT = Path(__file__).parents[1] / "fixtures" / "pdf" / "weasyprint.pdf"


FIRST_SECONDS = 900
"""Whoever comes first founds the instance and travels: a minute on a quiet machine, several on a busy one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "travelled" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(FIRST_SECONDS))


@dataclass(frozen=True)
class Travelled:
    """The journey's end: what both companies downloaded, and whatever the browsers complained about on the way."""

    running: Running
    journey: Journey
    findings: tuple[str, ...]

    @property
    def final(self) -> Path:
        return self.journey.out / "contract.pdf"

    @property
    def receipt(self) -> Path:
        return self.journey.out / "receipt.json"

    @property
    def root(self) -> Path:
        """The CECSIGN root, as the operator publishes it."""
        return self.running.layout.roots / "cecsign-root.pem"

    @property
    def tsa_root(self) -> Path:
        return self.running.layout.roots / "tsa-root.pem"

    @property
    def log_key(self) -> str:
        """As the operator publishes it."""
        return (self.journey.out / LOG_KEY).read_text().strip()

    def cut_back(self, target: Path) -> Path:
        """The file as the sender alone had signed it: a revision that somebody once held."""
        with embedded_signatures(self.final) as found:
            end = next(revision_end(one) for one in found if is_document_timestamp(one))
        target.write_bytes(self.final.read_bytes()[:end])
        return target


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """One for all: a second one in the same thread is refused."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture(scope="package")
def travelled(demo: Running, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Travelled:
    """The journey, once, company A in Chromium and company B in Firefox. ``TEST_SCREENS`` keeps its pictures."""
    out = tmp_path_factory.mktemp("journey")
    kept = os.environ.get("TEST_SCREENS")
    opened: list[Office] = []
    with offices(playwright, demo, Path(kept) if kept else None, kinds=TWO_BROWSERS, inspect=True) as office:

        def remembered(key: str) -> Office:
            opened.append(office(key))
            return opened[-1]

        journey = travel(demo, DOCUMENT, out, remembered)
    shutil.copytree(demo.layout.roots, out / "roots")
    return Travelled(demo, journey, tuple(finding for each in opened for finding in each.findings))


@pytest.fixture(scope="package")
def public_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Pages at an https address, as in production; a browser can be made to take it for a public one."""
    with scene.running(tmp_path_factory.mktemp("public"), https=PUBLIC_HOST) as running_stage:
        yield running_stage


@pytest.fixture(scope="package")
def display() -> Iterator[str]:
    """A screen: without one a browser answers on its own what it would ask."""
    readable, writable = os.pipe()
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writable], stderr=subprocess.DEVNULL) as screen:
        os.close(writable)
        with os.fdopen(readable) as number:
            yield f":{number.readline().strip()}"
        screen.terminate()


@pytest.fixture
def office(travelled: Travelled, playwright: Playwright) -> Iterator[Callable[[str], Office]]:
    """A browser of one's own for a person who has changed his initial password on the journey."""
    with offices(playwright, travelled.running) as opened:
        yield opened
