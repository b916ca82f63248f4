"""What the policies of a browser say about one origin that wants to reach this computer. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK_ALLOWED = "LoopbackNetworkAllowedForUrls"
LOOPBACK_ORDER = (
    ("LoopbackNetworkBlockedForUrls", False),
    (LOOPBACK_ALLOWED, True),
    ("LocalNetworkAccessBlockedForUrls", False),
    ("LocalNetworkAccessAllowedForUrls", True),
)
"""The first list that covers the origin decides: the order in which Chrome's and Edge's policy lists document it for
requests to loopback. LocalNetworkAllowedForUrls and LocalNetworkBlockedForUrls are about other devices only."""
PORTS = {"https": 443, "http": 80}
PATTERN = re.compile(
    r"(?:(?P<scheme>\*|[a-z]+)://)?(?P<below>\[\*\.\])?(?P<host>\*|\[[0-9a-f:]+\]|[^\[\]*:/]+)(?::(?P<port>\*|\d+))?/?\*?"
)
"""A pattern of enterprise policies; what it leaves out is any."""


@dataclass(frozen=True)
class Verdict:
    """`blocked_by`: the policy that forbids it, "" if none does. Neither: the browser asks the person."""

    blocked_by: str = ""
    allowed: bool = False


def chromium(policies: Mapping[str, object], origin: str) -> Verdict:
    """Of Chromium, Chrome and Edge."""
    for name, allows in LOOPBACK_ORDER:
        if matches(policies.get(name), origin):
            return Verdict(allowed=True) if allows else Verdict(blocked_by=name)
    return Verdict()


def firefox(policies: Mapping[str, object], origin: str) -> Verdict:
    """LocalNetworkAccess (Firefox administrator reference); it has no list that blocks."""
    access = policies.get("LocalNetworkAccess")
    access = access if isinstance(access, dict) else {}
    host = urlsplit(origin).hostname or ""
    domains = access.get("SkipDomains")
    skipped = isinstance(domains, list) and any(_covers(domain, host) for domain in domains)
    return Verdict(allowed=skipped or access.get("Enabled") is False)


def matches(patterns: object, origin: str) -> bool:
    """Does one of the patterns cover the origin? Values of another type are ignored, as browsers do."""
    if not isinstance(patterns, list):
        return False
    return any(_matches_one(pattern.lower(), origin) for pattern in patterns if isinstance(pattern, str))


def _matches_one(pattern: str, origin: str) -> bool:
    parts, found = urlsplit(origin), PATTERN.fullmatch(pattern)
    if found is None:
        return False
    scheme, port = found["scheme"], found["port"]
    if scheme not in (None, "*", parts.scheme) or port not in (None, "*", str(parts.port or PORTS[parts.scheme])):
        return False
    host, named = parts.hostname or "", found["host"].strip("[]")
    return named in ("*", host) or (found["below"] is not None and host.endswith(f".{named}"))


def _covers(domain: object, host: str) -> bool:
    """`*.example.jp` covers what is below example.jp."""
    if not isinstance(domain, str):
        return False
    return host == domain or (domain.startswith("*.") and host.endswith(domain[1:]))
