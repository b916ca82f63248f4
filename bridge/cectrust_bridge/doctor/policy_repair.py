"""Adds one allowance, for the paired servers, to the policies that the browsers of this computer obey already.

Everything else in those files stays, nothing is put where it would shadow them, and no block is lifted: whoever made
it must take it back.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import policies
from .policies import FIREFOX, Browser, UnreadablePolicy
from .policy_rules import LOOPBACK_ALLOWED
from .repair_book import Change, Plan, RepairError
from .surroundings import Surroundings

OWN_FILE = "cectrust.json"
MODE = 0o644
COMMAND = "sudo -H cectrust-bridge doctor --repair policy"
NO_SERVER = ("登録したサーバーがありません。", "No server is paired.")
NO_BROWSER = (
    "ポリシーを置けるブラウザ（Chromium、Chrome、Edge、Firefox）がありません。",
    "There is no browser here that takes policies (Chromium, Chrome, Edge, Firefox).",
)


def plan(around: Surroundings) -> Plan:
    """For each installed browser. Raises RepairError, PairingError."""
    origins = around.origins()
    if not origins:
        raise RepairError(*NO_SERVER)
    installed = [each for each in (*policies.CHROMIUMS, FIREFOX) if policies.is_installed(around, each)]
    if not installed:
        raise RepairError(*NO_BROWSER)
    looked = [_look(around, browser, origins) for browser in installed]
    changes = [each for each in looked if isinstance(each, Change)]
    asked = " ".join(f"--server {shlex.quote(origin)}" for origin in origins)
    command = f"{COMMAND} {asked}" if changes and os.geteuid() != 0 else ""
    return Plan(changes, [each for each in looked if isinstance(each, str)], command)


def _look(around: Surroundings, browser: Browser, origins: list[str]) -> Change | str:
    """The change, or why there is none."""
    try:
        in_force = policies.in_force(around, browser)
        verdicts = {origin: policies.judged(browser, in_force, origin) for origin in origins}
        if blocked := next((verdict.blocked_by for verdict in verdicts.values() if verdict.blocked_by), ""):
            return _blocked(browser.name, blocked)
        missing = [origin for origin, verdict in verdicts.items() if not verdict.allowed]
        if not missing:
            return f"{browser.name}: もう許可されています。 Allowed already."
        return (_firefox if browser is FIREFOX else _chromium)(around, browser, missing)
    except UnreadablePolicy as error:
        return _by_hand(browser.name, error.path)


def _blocked(name: str, policy: str) -> str:
    return (
        f"{name}: 管理者の設定 {policy} が接続を止めています。この修復は、管理者が決めた禁止を取り消しません。"
        "設定した人に、CECTRUST を除くよう依頼してください。\n"
        f"{name}: the administrator's policy {policy} is in force. This repair lifts no block: ask whoever set it."
    )


def _by_hand(name: str, path: Path) -> str:
    return (
        f"{name}: {path} を安全に書き換えられません。手で書き足してください。\n"
        f"{name}: {path} cannot be changed safely. Add to it by hand."
    )


def _chromium(around: Surroundings, browser: Browser, origins: list[str]) -> Change:
    """Into the file whose list is in force: another file's list would replace it, or be replaced by it."""
    own = around.at(browser.folder) / OWN_FILE
    holders = [each for each in policies.managed_files(around, browser) if LOOPBACK_ALLOWED in policies.parsed(each)]
    path = holders[-1] if holders else own
    value = policies.parsed(path) if path.exists() else {}
    value[LOOPBACK_ALLOWED] = _extended(path, value.get(LOOPBACK_ALLOWED), origins)
    return _written(path, value)


def _firefox(around: Surroundings, browser: Browser, origins: list[str]) -> Change:
    """Into the one file that is in force."""
    path = policies.firefox_file(around) or around.at(browser.folder) / "policies.json"
    value = policies.parsed(path) if path.exists() else {}
    access = _object(path, _object(path, value, "policies"), "LocalNetworkAccess")
    hosts = list(dict.fromkeys(urlsplit(origin).hostname or "" for origin in origins))
    access["SkipDomains"] = _extended(path, access.get("SkipDomains"), hosts)
    return _written(path, value)


def _object(path: Path, value: dict[str, Any], name: str) -> dict[str, Any]:
    inner = value.setdefault(name, {})
    if not isinstance(inner, dict):
        raise UnreadablePolicy(path)
    return inner


def _extended(path: Path, there: object, added: list[str]) -> list[object]:
    if not isinstance(there, list | None):
        raise UnreadablePolicy(path)
    return [*(there or []), *added]


def _written(path: Path, value: dict[str, Any]) -> Change:
    """With the indentation that the file has; a link stays one, because what it leads to is changed."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    indent = re.search(r"\n([ \t]+)\S", before)
    text = json.dumps(value, ensure_ascii=False, indent=indent[1] if indent else 2)
    return Change("policy", path.resolve(), f"{text}\n".encode(), MODE)
