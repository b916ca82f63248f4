"""`cectrust-bridge update check` and `update fetch`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from .. import __version__
from ..pairing.http import Network
from ..profile.folder import Profile
from .check import Finding, State, check, this_platform
from .errors import UpdateError
from .history import History
from .key import update_key
from .source import check_file, fetch, read_manifest
from .version import Version

HISTORY = "updates.json"
EXIT = {State.CURRENT: 0, State.AVAILABLE: 10, State.REQUIRED: 11}
FAILED = 1
WORDS = {
    State.CURRENT: ("最新の版です。", "This is the newest version."),
    State.AVAILABLE: ("新しい版があります。管理者に入れてもらってください。", "A newer version is available."),
    State.REQUIRED: ("この版は使用を終えました。新しい版を入れてください。", "This version must be replaced."),
}


def add_parser(commands: Any, profile: Path) -> None:
    """`update` with its two verbs, under the program's subparsers."""
    update = commands.add_parser("update", help="look for a newer version; never installs one")
    verbs = update.add_subparsers(dest="verb", required=True)
    for name, text in (("check", "say whether there is one"), ("fetch", "download the file and compare its digest")):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("--manifest", required=True, metavar="FILE_OR_URL")
        verb.add_argument("--key", type=Path, help="public key, only for a build that has none")
        verb.add_argument("--json", action="store_true")
        verb.add_argument("--profile", type=Path, default=profile)
    verbs.choices["check"].add_argument("--file", type=Path, help="also compare this file with the manifest")
    verbs.choices["fetch"].add_argument("--to", type=Path, default=Path(), metavar="FOLDER")


def run(options: argparse.Namespace, profile: Profile) -> int:
    """The exit status: 0 newest, 10 newer available, 11 must be replaced, 1 not believed."""
    try:
        network = profile.settings().network
        finding = _finding(options, profile, network)
        path = _file(options, finding, network)
    except UpdateError as error:
        _tell(options, {"error": error.name, "ja": error.ja, "en": error.en, "reason": error.reason})
        return FAILED
    _tell(options, _report(finding, path))
    return EXIT[finding.state]


def _finding(options: argparse.Namespace, profile: Profile, network: Network) -> Finding:
    installed = Version.parse(__version__)
    history = History(profile.folder / HISTORY, installed)
    key = update_key(options.key)
    return check(read_manifest(options.manifest, network), key, installed, history, time.time())


def _file(options: argparse.Namespace, finding: Finding, network: Network) -> Path | None:
    if options.verb == "fetch" and finding.state is not State.CURRENT:
        return fetch(finding.manifest.file_for(this_platform()), options.manifest, options.to, network)
    if options.verb == "check" and options.file is not None:
        check_file(finding.manifest.file_for(this_platform()), options.file)
        return Path(options.file)
    return None


def _report(finding: Finding, path: Path | None) -> dict[str, Any]:
    ja, en = WORDS[finding.state]
    versions = {"installed": str(finding.installed), "offered": str(finding.manifest.version)}
    report = {"state": finding.state.value, **versions, "expires": finding.manifest.expires, "ja": ja, "en": en}
    return report if path is None else {**report, "file": str(path)}


def _tell(options: argparse.Namespace, report: dict[str, Any]) -> None:
    if options.json:
        sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
        return
    facts = [f"{name}: {report[name]}" for name in ("installed", "offered", "file", "reason") if report.get(name)]
    sys.stdout.write("\n".join([report["ja"], report["en"], *facts, ""]))
