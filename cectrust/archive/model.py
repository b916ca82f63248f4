"""What the archive holds: entries, their canonical bytes, and the leaf that commits to them.

Only leaf data is public. An entry travels in the receipt of those it concerns; its salt keeps anybody
else from guessing it out of the log.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

import rfc8785

from cectrust.clock import to_datetime
from cectrust.sdk.protocols import BlobKey, Digest, Instant

ENTRY_VERSION = 1
SALT_BYTES = 16
_ENTRY_DOMAIN = b"cectrust-entry-v1\x00"


class Event(StrEnum):
    """What an entry tells of."""

    SIGNED = "signed"
    """One revision of a document got a signature."""
    CONCLUDED = "concluded"
    """Once per contract; names every final file and every required signature."""
    STORED = "stored"
    """A company's own document was taken in."""
    JOURNAL = "journal"
    """The journal's head, so that nobody rewrites the journal unseen."""
    DISPOSED = "disposed"
    """Retention ended and two people of the owning company had the bytes destroyed."""


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A kept original: SHA-256 in hex, length in bytes, IANA media type."""

    sha256: Digest
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An original that the blob store already holds durably: address, length in bytes, media type."""

    key: BlobKey
    size: int
    media_type: str

    @property
    def sealed(self) -> SealedFile:
        """What the entry says of it; the owner stays inside the house."""
        return SealedFile(self.key.digest, self.size, self.media_type)


@dataclass(frozen=True, slots=True)
class RequiredSignature:
    """A signature that the concluded files must hold: PDF field and the signer's name as certified."""

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class JournalHead:
    """Last position of the journal and its chain hash (hex)."""

    position: int
    chain_hash: Digest


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, as it is committed to by a leaf of the log. `salt` is 16 random bytes in hex.

    `ledger` and `number` are what people call it by (`contracts`, the contract number); `time` is when
    the archive took it, in UTC with microseconds.
    """

    event: Event
    ledger: str
    number: str
    time: str
    salt: str
    files: tuple[SealedFile, ...] = ()
    signatures: tuple[RequiredSignature, ...] = ()
    journal: JournalHead | None = None
    v: int = ENTRY_VERSION

    @property
    def canonical(self) -> bytes:
        """The entry's RFC 8785 bytes."""
        return canonical_json(asdict(self))

    @property
    def leaf_data(self) -> bytes:
        """The 32 bytes that stand for this entry in the public log."""
        return sha256(_ENTRY_DOMAIN + self.canonical).digest()


@dataclass(frozen=True, slots=True)
class Sealing:
    """What is to be sealed: one event with its kept files, and for `concluded` the signatures they must hold."""

    event: Event
    ledger: str
    number: str
    files: tuple[KeptFile, ...] = ()
    signatures: tuple[RequiredSignature, ...] = ()
    journal: JournalHead | None = None

    @property
    def identity(self) -> str:
        """Hex digest by which a repeated sealing is recognised; a contract is concluded once, whatever the files."""
        once = self.event is Event.CONCLUDED
        digests = [] if once else [file.key.digest for file in self.files]
        named = {"event": self.event.value, "ledger": self.ledger, "number": self.number, "files": digests}
        return sha256(canonical_json(named)).hexdigest()


class Assurance(StrEnum):
    """Whose word the time in a receipt is."""

    OPERATOR_ONLY = "operator_only"
    """No accredited outside authority and no witness: the operator's word only (運営者の証言のみ)."""
    ACCREDITED_TIMESTAMP = "accredited_timestamp"
    """A TSA on the configured accredited list (認定, T13)."""

    @property
    def ja(self) -> str:
        """The sentence for people."""
        return {"operator_only": "運営者の証言のみ", "accredited_timestamp": "認定時刻認証局による時刻の証明"}[self]


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint that was handed out: signed note, DER TimeStampToken over its bytes, whose word it is."""

    size: int
    root: bytes
    note: str
    timestamp: bytes
    assurance: Assurance


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return the one RFC 8785 spelling of a JSON object."""
    return rfc8785.dumps(value)


def fresh_salt() -> str:
    """Return 16 random bytes in hex."""
    return secrets.token_hex(SALT_BYTES)


def entry_time(instant: Instant) -> str:
    """Return an instant as an entry states it: RFC 3339, UTC, always six decimals."""
    return to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
