"""What `doctor --repair` can mend: each shows what it will change, changes one file of the user's, and can be undone.

What only an administrator may change (browser policies) is printed ready-made; pairing is the person's own act.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from . import autostart, module_repair, policies
from .policy_rules import LOOPBACK_ALLOWED
from .repair_book import Change, RepairError
from .surroundings import Surroundings

Plan = Callable[[Surroundings], Change]


def autostart_on(around: Surroundings) -> Change:
    """An entry of the user's; if the system's is only hidden by one of his, that one goes."""
    if autostart.is_on(around):
        raise RepairError("自動起動は、もうオンです。", "Autostart is on already.")
    path = autostart.of_user(around)
    if autostart.of_system(around).is_file():
        return Change("autostart", path, None)
    return Change("autostart", path, autostart.ENTRY.format(command=_program()).encode())


def autostart_off(around: Surroundings) -> Change:
    """The user's entry goes; the system's is hidden by one of his."""
    if not autostart.is_on(around):
        raise RepairError("自動起動は、もうオフです。", "Autostart is off already.")
    path = autostart.of_user(around)
    if autostart.of_system(around).is_file():
        return Change("autostart-off", path, (autostart.ENTRY.format(command=_program()) + "Hidden=true\n").encode())
    return Change("autostart-off", path, None)


PLANS: dict[str, Plan] = {"module": module_repair.change, "autostart": autostart_on, "autostart-off": autostart_off}


def shown(change: Change) -> str:
    """What will be changed, to read before saying yes."""
    try:
        before = change.path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        before = []
    after = [] if change.content is None else change.content.decode().splitlines()
    gone = [f"- {line}" for line in before if line not in after]
    new = [f"+ {line}" for line in after if line not in before]
    return "\n".join([str(change.path), *gone, *new, ""])


def policy_instructions(around: Surroundings) -> str:
    """Ready-made files for the installed browsers, and the command with which an administrator puts them in place."""
    origins = around.origins()
    if not origins:
        raise RepairError("登録したサーバーがありません。", "No server is paired.")
    browsers = [each for each in (*policies.CHROMIUMS, policies.FIREFOX) if policies.is_installed(around, each)]
    return "\n".join(_instruction(browser, origins) for browser in browsers)


def pairing_instructions(around: Surroundings) -> str:
    """How to pair anew, which takes a code from the person's own page."""
    lines = [f"cectrust-bridge unpair {shlex.quote(each.issuer)}" for each in around.servers() if not each.fleet]
    return "\n".join([*lines, "cectrust-bridge pair https://…", ""])


def _instruction(browser: policies.Browser, origins: list[str]) -> str:
    if browser is policies.FIREFOX:
        hosts = [urlsplit(origin).hostname or "" for origin in origins]
        value: dict[str, object] = {"policies": {"LocalNetworkAccess": {"SkipDomains": hosts}}}
        path = f"{browser.folder}/policies.json"
    else:
        value, path = {LOOPBACK_ALLOWED: origins}, f"{browser.folder}/cectrust.json"
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return f"# {browser.name}: {path}\nsudo install -D -m 644 /dev/stdin {path} <<'END'\n{text}\nEND\n"


def _program() -> str:
    """The command of the entry's Exec line."""
    if getattr(sys, "frozen", False):
        return sys.executable
    return shutil.which("cectrust-bridge") or "cectrust-bridge"
