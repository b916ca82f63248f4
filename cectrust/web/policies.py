"""Ready-made browser policies for administrators: these pages may reach the bridge without asking each user.

Chrome and Edge: ``LoopbackNetworkAllowedForUrls`` (Chrome Enterprise policy list, 146 and later); Firefox:
``LocalNetworkAccess.SkipDomains`` (policy-templates, 151 and ESR 140.11). They open loopback only, for this site only.
"""

from __future__ import annotations

import json
import plistlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

NAME = "LoopbackNetworkAllowedForUrls"


@dataclass(frozen=True)
class PolicyFile:
    """A file to download. ``place``: where it goes, or how it is put in."""

    name: str
    mimetype: str
    place: str
    make: Callable[[str], bytes]


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def chromium(origin: str) -> bytes:
    """Managed policies of Chrome, Chromium and Edge on Linux."""
    return _json({NAME: [origin]})


def firefox(origin: str) -> bytes:
    """``policies.json``: the whole file; an administrator who has one adds the member to it."""
    return _json({"policies": {"LocalNetworkAccess": {"SkipDomains": [urlsplit(origin).hostname]}}})


def _registry(product: str) -> Callable[[str], bytes]:
    """A registry file: UTF-16 with a byte order mark and CRLF, as regedit writes it."""

    def make(origin: str) -> bytes:
        key = rf"[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\{product}\{NAME}]"
        lines = ("Windows Registry Editor Version 5.00", "", key, f'"1"="{origin}"', "")
        return "\r\n".join(lines).encode("utf-16")

    return make


def _profile(domain: str) -> Callable[[str], bytes]:
    """A configuration profile of macOS (Apple, Configuration Profile Reference). The same address, the same UUIDs."""

    def make(origin: str) -> bytes:
        def identified(what: str) -> dict[str, object]:
            number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{origin}#{domain}.{what}")).upper()
            return {"PayloadUUID": number, "PayloadIdentifier": f"jp.cectrust.{domain}.{what}", "PayloadVersion": 1}

        content = {**identified("policy"), "PayloadType": domain, NAME: [origin]}
        head = {"PayloadType": "Configuration", "PayloadScope": "System", "PayloadDisplayName": f"CECTRUST {origin}"}
        return plistlib.dumps({**identified("profile"), **head, "PayloadContent": [content]})

    return make


_JSON, _REG, _PROFILE = "application/json", "text/x-ms-regedit", "application/x-apple-aspen-config"
FILES: Mapping[str, PolicyFile] = {
    file.name: file
    for file in (
        PolicyFile("chrome.json", _JSON, "Linux: /etc/opt/chrome/policies/managed/cectrust.json", chromium),
        PolicyFile("chromium.json", _JSON, "Linux: /etc/chromium/policies/managed/cectrust.json", chromium),
        PolicyFile("edge.json", _JSON, "Linux: /etc/opt/edge/policies/managed/cectrust.json", chromium),
        PolicyFile(
            "firefox.json",
            _JSON,
            r"Linux: /etc/firefox/policies/policies.json · Windows: distribution\policies.json · "
            "macOS: Firefox.app/Contents/Resources/distribution/policies.json",
            firefox,
        ),
        PolicyFile("windows-chrome.reg", _REG, "Windows: reg import", _registry(r"Google\Chrome")),
        PolicyFile("windows-edge.reg", _REG, "Windows: reg import", _registry(r"Microsoft\Edge")),
        PolicyFile("macos-chrome.mobileconfig", _PROFILE, "macOS: MDM", _profile("com.google.Chrome")),
        PolicyFile("macos-edge.mobileconfig", _PROFILE, "macOS: MDM", _profile("com.microsoft.Edge")),
    )
}
