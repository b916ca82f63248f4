"""The chain: every entry's hash covers its content and the hash before it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

import rfc8785

from cectrust.sdk.protocols import Instant

GENESIS = "0" * 64
_DOMAIN = b"cectrust-journal-v1\x00"


@dataclass(frozen=True)
class RecordedAct:
    """An act as it lies in the journal."""

    id: str
    at: Instant
    actor_kind: str
    actor_id: str
    actor_name: str
    act: str
    subject: str
    company_ids: tuple[str, ...]
    detail: dict[str, Any]


@dataclass(frozen=True)
class Head:
    """The last sequenced position (-1 for an empty journal) and its chain hash."""

    position: int
    chain_hash: str


def chain(previous: str, act: RecordedAct) -> str:
    """Hash of ``act`` at the position after the one whose hash is ``previous`` (64 hex digits)."""
    content = rfc8785.dumps({**asdict(act), "company_ids": list(act.company_ids), "at": str(act.at)})
    return hashlib.sha256(_DOMAIN + bytes.fromhex(previous) + content).hexdigest()
