"""What a fuzz target is, and how its inputs are judged."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).parents[2] / "bridge" / "vectors"


@dataclass(frozen=True)
class Target:
    """`run` takes any octets and returns; whatever it raises is a defect of ours.

    `seeds` are inputs to start from, right and wrong ones. `share`: thousands of the million inputs that are its own.
    `longest`: octets of the longest input that ever comes here, or of a text message, if that is less.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Sequence[bytes]
    share: int
    longest: int = 256 << 10


def vectors(name: str) -> dict[str, Any]:
    """One file of the protocol's vectors."""
    value: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return value


def octets(text: str) -> bytes:
    """Decode base64url without padding."""
    return base64.urlsafe_b64decode(text + "==")


def compact(value: object) -> bytes:
    """JSON as the peers write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def json_of(data: bytes) -> Any:
    """Any JSON value; None where these octets are none, because those are tried elsewhere."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
