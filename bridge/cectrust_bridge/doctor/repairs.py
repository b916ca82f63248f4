"""What `doctor --repair` can mend: each shows what it will change, keeps what was there, and can be undone."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping

from . import autostart, module_repair, pairing_repair, policy_repair
from .repair_book import Change, Plan, RepairError
from .surroundings import Surroundings

Planner = Callable[[Surroundings], Plan]


def autostart_on(around: Surroundings) -> Change:
    """An entry of the user's; if the system's is only hidden by one of his, that one goes."""
    if autostart.state(around) is autostart.State.ON:
        raise RepairError("自動起動は、もうオンです。", "Autostart is on already.")
    path = autostart.of_user(around)
    if path.is_file() and autostart.is_usable(autostart.of_system(around), around):
        return Change("autostart", path, None)
    return Change("autostart", path, autostart.ENTRY.format(command=_program()).encode())


def autostart_off(around: Surroundings) -> Change:
    """The user's entry goes; the system's is hidden by one of his."""
    if autostart.state(around) is autostart.State.OFF:
        raise RepairError("自動起動は、もうオフです。", "Autostart is off already.")
    path = autostart.of_user(around)
    if autostart.of_system(around).is_file():
        return Change("autostart-off", path, (autostart.ENTRY.format(command=_program()) + "Hidden=true\n").encode())
    return Change("autostart-off", path, None)


def _one(change: Callable[[Surroundings], Change]) -> Planner:
    return lambda around: Plan((change(around),))


PLANS: Mapping[str, Planner] = {
    "module": _one(module_repair.change),
    "policy": policy_repair.plan,
    "pairing": pairing_repair.plan,
    "autostart": _one(autostart_on),
    "autostart-off": _one(autostart_off),
}

MENDS: Mapping[str, str] = {
    "autostart.off": "autostart",
    "autostart.broken": "autostart",
    "pairing.broken": "pairing",
    "module.missing": "module",
    "module.alien": "module",
}
"""By the code of a finding: the repair that a window offers with it."""


def shown(plan: Plan) -> str:
    """What will be changed, to read before saying yes."""
    return "\n".join([*plan.remarks, *map(_difference, plan.changes), ""])


def _difference(change: Change) -> str:
    if change.content is None:
        return f"{change.path}\n- 控えの場所に移します / is moved into the book of repairs"
    try:
        before = change.path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        before = []
    after = change.content.decode().splitlines()
    gone = [f"- {line}" for line in before if line not in after]
    new = [f"+ {line}" for line in after if line not in before]
    return "\n".join([str(change.path), *gone, *new])


def _program() -> str:
    """The command of the entry's Exec line, quoted as that line wants it."""
    if getattr(sys, "frozen", False):
        return f'"{sys.executable}"'
    installed = shutil.which("cectrust-bridge")
    return f'"{installed}"' if installed else f'"{sys.executable}" -m cectrust_bridge'
