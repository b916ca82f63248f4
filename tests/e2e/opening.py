"""Opens offices: each person sits at a browser of its own with a fresh profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests.e2e import chromium, firefox
from tests.e2e.browser import Tab
from tests.e2e.office import Office
from tests.e2e.running import Running

KINDS = ("chromium", "firefox")
EVERYBODY_CHROMIUM: Mapping[str, str] = {"a": "chromium", "b": "chromium"}
Offices = Callable[..., Office]
"""``office(key, *arguments)`` opens one for a participant; the arguments are the browser's own."""


@contextmanager
def browsers(
    running: Running, screens: Path | None = None, kinds: Mapping[str, str] = EVERYBODY_CHROMIUM
) -> Iterator[Offices]:
    """Offices for a program that has no Playwright yet."""
    with sync_playwright() as playwright, offices(playwright, running, screens, kinds=kinds) as office:
        yield office


@contextmanager
def offices(
    playwright: Playwright,
    running: Running,
    screens: Path | None = None,
    *,
    kinds: Mapping[str, str] = EVERYBODY_CHROMIUM,
    inspect: bool = False,
) -> Iterator[Offices]:
    """The same, with a Playwright that runs already. With ``inspect`` axe examines every page that is photographed."""
    with ExitStack() as opened:

        def office(key: str, *arguments: str) -> Office:
            tab = _launch(playwright, kinds[key], arguments)
            opened.callback(tab.close)
            facts, terminal = running.people[key], running.terminals.get(key)
            return Office(tab, running.layout.base_url, facts, terminal, screens, inspect)

        yield office


def _launch(playwright: Playwright, kind: str, arguments: tuple[str, ...]) -> Tab:
    if kind == "chromium":
        return chromium.launch(playwright, *arguments)
    assert not arguments, "Firefox takes preferences, not arguments"
    return firefox.launch()
