"""What administrators told the browsers about pages that reach programs on this computer.

What they mean is in `policy_rules`. Sources as in bridge/packaging/policies.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..pairing.errors import PairingError
from . import policy_rules
from .finding import Finding, found
from .policy_rules import Verdict
from .surroundings import Surroundings

MAX_FILE = 1 << 20


@dataclass(frozen=True)
class Browser:
    """`programs`: any of them says that it is installed. `folder`: managed policies, all files of it count."""

    name: str
    programs: tuple[str, ...]
    folder: str


CHROMIUMS = (
    Browser("Chromium", ("/usr/bin/chromium",), "/etc/chromium/policies/managed"),
    Browser("Chrome", ("/usr/bin/google-chrome", "/opt/google/chrome/chrome"), "/etc/opt/chrome/policies/managed"),
    Browser("Edge", ("/usr/bin/microsoft-edge", "/opt/microsoft/msedge/msedge"), "/etc/opt/edge/policies/managed"),
)
FIREFOX = Browser("Firefox", ("/usr/bin/firefox", "/usr/bin/firefox-esr"), "/etc/firefox/policies")
"""Firefox reads one file, policies.json: this one, or that beside the program."""
BESIDE = ("/usr/lib/firefox-esr/distribution", "/usr/lib/firefox/distribution")


class UnreadablePolicy(ValueError):
    """`path` holds no policies."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.name)
        self.path = path


def of_browsers(around: Surroundings) -> list[Finding]:
    """For each installed browser and each paired server."""
    if sys.platform != "linux":
        return [found("policy.unexamined")]
    try:
        origins = around.origins()
    except (PairingError, OSError):
        return []
    return [finding for browser in (*CHROMIUMS, FIREFOX) for finding in _of_browser(around, browser, origins)]


def is_installed(around: Surroundings, browser: Browser) -> bool:
    """By its program's file."""
    return any(around.at(program).exists() for program in browser.programs)


def _of_browser(around: Surroundings, browser: Browser, origins: list[str]) -> Iterator[Finding]:
    if not is_installed(around, browser):
        return
    try:
        policies = in_force(around, browser)
    except UnreadablePolicy as error:
        yield found("policy.unreadable", browser=browser.name, file=error.path.name)
        return
    for origin in origins:
        yield _judged(browser, policies, origin)


def _judged(browser: Browser, policies: dict[str, Any], origin: str) -> Finding:
    verdict = judged(browser, policies, origin)
    if verdict.blocked_by:
        return found("policy.blocks", browser=browser.name, origin=origin, policy=verdict.blocked_by)
    return found("policy.allows" if verdict.allowed else "policy.asks", browser=browser.name, origin=origin)


def judged(browser: Browser, policies: dict[str, Any], origin: str) -> Verdict:
    """As the browser does."""
    return (policy_rules.firefox if browser is FIREFOX else policy_rules.chromium)(policies, origin)


def in_force(around: Surroundings, browser: Browser) -> dict[str, Any]:
    """The policies that the browser obeys. Raises UnreadablePolicy."""
    if browser is FIREFOX:
        file = firefox_file(around)
        policies = parsed(file).get("policies") if file else None
        return policies if isinstance(policies, dict) else {}
    merged: dict[str, Any] = {}
    for path in managed_files(around, browser):
        merged |= parsed(path)
    return merged


def firefox_file(around: Surroundings) -> Path | None:
    """The one file that Firefox reads, if there is one."""
    files = (around.at(folder) / "policies.json" for folder in (FIREFOX.folder, *BESIDE))
    return next((file for file in files if file.exists()), None)


def managed_files(around: Surroundings, browser: Browser) -> list[Path]:
    """Chromium reads all files in alphabetical order; a later one's policy replaces an earlier one's."""
    folder = around.at(browser.folder)
    return sorted(folder.glob("*.json")) if folder.is_dir() else []


def parsed(path: Path) -> dict[str, Any]:
    """The object in a file of policies. Raises UnreadablePolicy, for names that appear twice, too."""
    try:
        value = json.loads(path.read_bytes()[:MAX_FILE], object_pairs_hook=_members)
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadablePolicy(path) from error
    if not isinstance(value, dict):
        raise UnreadablePolicy(path)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member name appears twice")
    return members
