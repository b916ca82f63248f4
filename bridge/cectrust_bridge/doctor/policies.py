"""What administrators told the browsers about pages that reach programs on this computer.

Chrome, Edge: LoopbackNetworkAllowedForUrls and …BlockedForUrls (Chrome Enterprise policy list); Firefox:
LocalNetworkAccess (policy-templates). Sources as in bridge/packaging/policies.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..pairing_errors import PairingError
from .finding import Finding, found
from .surroundings import Surroundings

MAX_FILE = 1 << 20
ALLOWED = ("LoopbackNetworkAllowedForUrls", "LocalNetworkAccessAllowedForUrls", "LocalNetworkAllowedForUrls")
BLOCKED = ("LoopbackNetworkBlockedForUrls", "LocalNetworkAccessBlockedForUrls", "LocalNetworkBlockedForUrls")


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
"""Firefox reads one file, policies.json."""


class UnreadablePolicy(ValueError):
    """`path` holds no policies."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.name)
        self.path = path


def of_browsers(around: Surroundings) -> list[Finding]:
    """For each installed browser and each paired server."""
    if sys.platform != "linux":
        return []
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
        policies = _merged(around.at(browser.folder), browser)
    except UnreadablePolicy as error:
        yield found("policy.unreadable", browser=browser.name, file=error.path.name)
        return
    for origin in origins:
        yield _judged(browser, policies, origin)


def _judged(browser: Browser, policies: dict[str, Any], origin: str) -> Finding:
    """As the browsers do: a block that matches stands before an allowance."""
    blocked, allowed = (_firefox if browser is FIREFOX else _chromium)(policies, origin)
    if blocked:
        return found("policy.blocks", browser=browser.name, origin=origin, policy=blocked)
    return found("policy.allows" if allowed else "policy.asks", browser=browser.name, origin=origin)


def _chromium(policies: dict[str, Any], origin: str) -> tuple[str, bool]:
    blocked = next((name for name in BLOCKED if _matches(policies.get(name), origin)), "")
    return blocked, any(_matches(policies.get(name), origin) for name in ALLOWED)


def _firefox(policies: dict[str, Any], origin: str) -> tuple[str, bool]:
    access = policies.get("LocalNetworkAccess")
    access = access if isinstance(access, dict) else {}
    host = urlsplit(origin).hostname or ""
    domains = access.get("SkipDomains")
    skipped = isinstance(domains, list) and any(_covers(domain, host) for domain in domains)
    return "", skipped or access.get("Enabled") is False


def _covers(domain: object, host: str) -> bool:
    """`*.example.jp` covers what is below example.jp."""
    if not isinstance(domain, str):
        return False
    return host == domain or (domain.startswith("*.") and host.endswith(domain[1:]))


def _matches(patterns: object, origin: str) -> bool:
    """The patterns of enterprise policies as far as administrators write them: `*`, an origin, `[*.]host`, a host."""
    if not isinstance(patterns, list):
        return False
    return any(_matches_one(pattern, origin) for pattern in patterns if isinstance(pattern, str))


def _matches_one(pattern: str, origin: str) -> bool:
    parts, wanted = urlsplit(origin), pattern.rstrip("/")
    if wanted in ("*", origin) or ("://" not in wanted and wanted in (parts.hostname, parts.netloc)):
        return True
    scheme, _, rest = wanted.rpartition("://")
    below = rest.removeprefix("[*.]")
    if below == rest or scheme not in ("", parts.scheme):
        return False
    return parts.hostname == below or (parts.hostname or "").endswith(f".{below}")


def _merged(folder: Path, browser: Browser) -> dict[str, Any]:
    """Chromium reads all files in alphabetical order; a later one's policy replaces an earlier one's."""
    if browser is FIREFOX:
        file = folder / "policies.json"
        policies = _parsed(file).get("policies") if file.exists() else {}
        return policies if isinstance(policies, dict) else {}
    merged: dict[str, Any] = {}
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        merged |= _parsed(path)
    return merged


def _parsed(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes()[:MAX_FILE])
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadablePolicy(path) from error
    if not isinstance(value, dict):
        raise UnreadablePolicy(path)
    return value
