"""Which browsers are installed, and are they new enough? Read from what packages left on disk; none is started."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import supported
from .finding import Finding, found
from .surroundings import Surroundings

MAX_FILE = 1 << 26
DEBIAN = {
    "chromium": "Chromium",
    "google-chrome-stable": "Chrome",
    "microsoft-edge-stable": "Edge",
    "firefox-esr": "Firefox ESR",
    "firefox": "Firefox",
}
"""Packages by name. Ubuntu's `firefox` and `chromium-browser` only install the snap."""
PROGRAMS = {
    "Chromium": ("/usr/lib/chromium/chromium", "/usr/lib64/chromium-browser/chromium-browser"),
    "Chrome": ("/opt/google/chrome/chrome",),
    "Edge": ("/opt/microsoft/msedge/msedge",),
    "Firefox": ("/usr/lib/firefox/firefox", "/usr/lib64/firefox/firefox", "/opt/firefox/firefox"),
    "Firefox ESR": ("/usr/lib/firefox-esr/firefox-esr",),
}
SNAPS = {"chromium": "Chromium", "firefox": "Firefox"}
FLATPAKS = {
    "org.chromium.Chromium": "Chromium",
    "com.google.Chrome": "Chrome",
    "com.microsoft.Edge": "Edge",
    "org.mozilla.firefox": "Firefox",
}
RELEASE = re.compile(r"<release\b[^>]*\bversion=\"([^\"]{1,40})\"")


@dataclass(frozen=True)
class Installed:
    """`version`: "" if nothing on disk says it. `kind`: "", "snap" or "flatpak"."""

    name: str
    version: str
    kind: str = ""

    def major(self) -> int | None:
        """The number that releases are called by; a Debian epoch does not count."""
        number = re.match(r"(?:\d+:)?(\d{1,6})\b", self.version)
        return int(number[1]) if number else None


def versions(around: Surroundings) -> list[Finding]:
    """Each installed browser that signs, against the list of `supported`."""
    if sys.platform != "linux":
        return [found("browser.unexamined")]
    return [_judged(each) for each in installed(around)] or [found("browser.none")]


def installed(around: Surroundings) -> list[Installed]:
    """By Debian's list of packages, by programs that no package of Debian's owns, and in sandboxes of their own."""
    packaged = list(_packaged(around))
    named = {each.name for each in packaged}
    others = [each for each in _lying(around) if each.name not in named]
    return [*packaged, *others, *_snaps(around), *_flatpaks(around)]


def _judged(browser: Installed) -> Finding:
    shown = f"{browser.name}（{browser.kind}）" if browser.kind else browser.name
    oldest, major = supported.BROWSERS["Firefox" if "Firefox" in browser.name else "Chromium"], browser.major()
    if major is None:
        return found("browser.unversioned", browser=shown, wanted=oldest)
    code = "browser.supported" if major >= oldest else "browser.outdated"
    as_of = supported.AS_OF.isoformat()
    return found(code, browser=shown, version=browser.version, wanted=oldest, as_of=as_of)


def _packaged(around: Surroundings) -> Iterator[Installed]:
    """dpkg(1): paragraphs of fields."""
    for paragraph in _text(around.at("/var/lib/dpkg/status")).split("\n\n"):
        name = paragraph.removeprefix("Package: ").partition("\n")[0]
        if name in DEBIAN and "\nStatus: install ok installed\n" in paragraph:
            version = re.search(r"^Version: (\S+)$", paragraph, re.MULTILINE)
            if any(around.at(program).exists() for program in PROGRAMS[DEBIAN[name]]):
                yield Installed(DEBIAN[name], version[1] if version else "")


def _lying(around: Surroundings) -> Iterator[Installed]:
    """Firefox says its version in a file beside the program, the others nowhere."""
    for name, programs in PROGRAMS.items():
        program = next((each for each in map(around.at, programs) if each.exists()), None)
        if program is not None:
            version = re.search(r"^Version=(\S+)$", _text(program.parent / "application.ini"), re.MULTILINE)
            yield Installed(name, version[1] if version else "")


def _snaps(around: Surroundings) -> Iterator[Installed]:
    for name, shown in SNAPS.items():
        if text := _text(around.at(f"/snap/{name}/current/meta/snap.yaml")):
            version = re.search(r"^version:\s*['\"]?([\w.+~-]{1,40})", text, re.MULTILINE)
            yield Installed(shown, version[1] if version else "", "snap")


def _flatpaks(around: Surroundings) -> Iterator[Installed]:
    """AppStream metadata names the newest release first."""
    for base in (around.at("/var/lib/flatpak/app"), around.home / ".local/share/flatpak/app"):
        for name, shown in FLATPAKS.items():
            active = base / name / "current" / "active"
            if active.is_dir():
                version = RELEASE.search(_text(active / f"export/share/metainfo/{name}.metainfo.xml"))
                yield Installed(shown, version[1] if version else "", "flatpak")


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE).decode("utf-8", "replace")
    except OSError:
        return ""
