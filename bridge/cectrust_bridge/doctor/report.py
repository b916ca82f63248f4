"""The result for people and for the help desk.

Findings name no person and no serial number to begin with; what could still carry the user's name (a home folder in
a path, the computer's name) is taken out here once more.
"""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import __version__
from .finding import Finding, State
from .surroundings import Surroundings

MARKS = {State.GOOD: "○ 良好 good", State.DOUBTFUL: "△ 注意 doubtful", State.BAD: "× 問題 bad"}
SHORTEST_NAME = 2
"""A shorter user's or computer's name would be found in ordinary words."""


def harmless(findings: Sequence[Finding], around: Surroundings) -> list[dict[str, Any]]:
    """The findings as JSON values, with nothing in their texts and facts that names somebody."""
    secrets = _secrets(around)
    return [{**_clean(each.as_json(), secrets), "code": each.code, "state": each.state.value} for each in findings]


def as_json(findings: Sequence[Finding], around: Surroundings) -> dict[str, Any]:
    """`{"v", "bridge_version", "time", "findings"}`."""
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return {"v": 1, "bridge_version": __version__, "time": now, "findings": harmless(findings, around)}


def as_text(findings: Sequence[Finding], around: Surroundings) -> str:
    """Lines for a terminal: what is bad comes first."""
    order = [state.value for state in State][::-1]
    ranked = sorted(harmless(findings, around), key=lambda finding: order.index(finding["state"]))
    return "\n".join(line for finding in ranked for line in _lines(finding)) + "\n"


def for_help_desk(findings: Sequence[Finding], around: Surroundings) -> str:
    """Text and JSON in one file."""
    return f"{as_text(findings, around)}\n{json.dumps(as_json(findings, around), ensure_ascii=False, indent=1)}\n"


def save(path: Path, text: str) -> None:
    """For this user's eyes (0600). OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _lines(finding: Mapping[str, Any]) -> Iterable[str]:
    yield f"{MARKS[State(finding['state'])]}  [{finding['code']}]"
    yield f"  {finding['ja']}\n  {finding['en']}"
    if finding["do_ja"]:
        yield f"  → {finding['do_ja']}\n  → {finding['do_en']}"


def _secrets(around: Surroundings) -> Mapping[re.Pattern[str], str]:
    """What to replace as whole words, longest first."""
    node = platform.node()
    known = {str(around.home): "~", node: "‹computer›", node.partition(".")[0]: "‹computer›", _user(): "‹user›"}
    told = sorted((name for name in known if len(name) >= SHORTEST_NAME and name != "root"), key=len, reverse=True)
    return {re.compile(rf"(?<!\w){re.escape(name)}(?!\w)"): known[name] for name in told}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return ""


def _clean(value: Any, secrets: Mapping[re.Pattern[str], str]) -> Any:
    if isinstance(value, str):
        for secret, instead in secrets.items():
            value = secret.sub(instead, value)
    if isinstance(value, dict):
        return {name: _clean(each, secrets) for name, each in value.items()}
    return value
