"""JSON (RFC 8259) as a hostile peer must write it: no duplicate names or floats, bounded, real Unicode."""

from __future__ import annotations

import json
from typing import Any, NoReturn

MAX_DEPTH = 8


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"not allowed here: {text[:20]}")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member name appears twice")
    return members


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        value.encode()  # lone surrogates raise UnicodeEncodeError, a ValueError
    elif isinstance(value, dict):
        for name, member in value.items():
            _check(name, depth)
            _check(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            _check(member, depth + 1)


def parse(octets: bytes | str) -> Any:
    """Parse JSON; raise ValueError for whatever this module's first line forbids."""
    try:
        text = octets if isinstance(octets, str) else octets.decode()
        value = json.loads(text, object_pairs_hook=_members, parse_float=_refuse, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    _check(value, 1)
    return value


def canonical(value: Any) -> bytes:
    """RFC 8785 (JCS) of what this protocol signs: text, integers, null, lists, objects with ASCII names."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()
