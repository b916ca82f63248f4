"""The result for people and for the help desk.

Findings name no person and no serial number to begin with; what could still carry the user's name (a home folder in
a path, the computer's name) is taken out here once more.
"""

from __future__ import annotations

import datetime as dt
import getpass
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import __version__
from .finding import Finding, State
from .surroundings import Surroundings

MARKS = {State.GOOD: "○ 良好 good", State.DOUBTFUL: "△ 注意 doubtful", State.BAD: "× 問題 bad"}
SHORTEST_NAME = 3
"""A shorter user's or computer's name would be found in ordinary words."""


def as_json(findings: Sequence[Finding], around: Surroundings) -> dict[str, Any]:
    """`{"v", "bridge_version", "time", "findings"}`."""
    head = {"v": 1, "bridge_version": __version__, "time": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    value = {**head, "findings": [finding.as_json() for finding in findings]}
    cleaned: dict[str, Any] = _clean(value, _secrets(around))
    return cleaned


def as_text(findings: Sequence[Finding], around: Surroundings) -> str:
    """Lines for a terminal: what is bad comes first."""
    order = list(State)[::-1]
    ranked = sorted(findings, key=lambda finding: order.index(finding.state))
    cleaned: str = _clean("\n".join(_lines(ranked)) + "\n", _secrets(around))
    return cleaned


def for_help_desk(findings: Sequence[Finding], around: Surroundings) -> str:
    """Text and JSON in one file."""
    return f"{as_text(findings, around)}\n{json.dumps(as_json(findings, around), ensure_ascii=False, indent=1)}\n"


def _lines(findings: Iterable[Finding]) -> Iterable[str]:
    for each in findings:
        yield f"{MARKS[each.state]}  [{each.code}]"
        yield f"  {each.ja}\n  {each.en}"
        if each.do_ja:
            yield f"  → {each.do_ja}\n  → {each.do_en}"


def _secrets(around: Surroundings) -> Mapping[str, str]:
    """What to replace, longest first."""
    node, user = platform.node(), getpass.getuser()
    known = {str(around.home): "~", node: "‹computer›", node.partition(".")[0]: "‹computer›", user: "‹user›"}
    kept = {name: instead for name, instead in known.items() if len(name) >= SHORTEST_NAME and name != "root"}
    return dict(sorted(kept.items(), key=lambda item: -len(item[0])))


def _clean(value: Any, secrets: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for secret, instead in secrets.items():
            value = value.replace(secret, instead)
        return value
    if isinstance(value, list):
        return [_clean(each, secrets) for each in value]
    if isinstance(value, dict):
        return {name: _clean(each, secrets) for name, each in value.items()}
    return value
