"""The receipt (原本性証明書): everything that shows an entry to be in the log, in one JSON object.

Trust never comes from the receipt. Whoever verifies brings the log's key and the TSA's roots from
elsewhere; the key inside is only named so that it can be compared.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Protocol

from cectrust.archive.model import Assurance, Entry, canonical_json
from cectrust.archive.parsing import (
    ReceiptRefused,
    parse_canonical,
    parse_entry,
    require_base64,
    require_count,
    require_keys,
    require_list,
    require_text,
)
from cectrust.pades.tokens import TokenUntrusted
from cectrust.sdk.errors import CectrustError
from cectrust.tlog import (
    Checkpoint,
    NoteVerifier,
    TlogError,
    leaf_hash,
    open_checkpoint,
    parse_note,
    parse_vkey,
    verify_inclusion,
)

RECEIPT_VERSION = 1
_KEYS = frozenset(
    {
        "v",
        "entry",
        "index",
        "tree_size",
        "proof",
        "checkpoint",
        "timestamp",
        "log_key",
        "assurance",
        "digest",
    }
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry with its place in the log.

    `proof` holds 32-byte hashes, leaf upwards; `checkpoint` is a C2SP signed note; `timestamp` the DER
    TimeStampToken (RFC 3161) over the note's UTF-8 bytes; `log_key` a C2SP vkey.
    """

    entry: Entry
    index: int
    tree_size: int
    proof: tuple[bytes, ...]
    checkpoint: str
    timestamp: bytes
    log_key: str
    assurance: Assurance

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the canonical JSON of all else.

        A TimeStampToken has bytes that no signature covers; this makes a change there visible too. It
        authenticates nothing: the log's signature, the proof and the timestamp do.
        """
        return sha256(canonical_json(self._content())).hexdigest()

    def encode(self) -> bytes:
        """Return the receipt as it is handed out: RFC 8785 canonical JSON."""
        return canonical_json({**self._content(), "digest": self.digest})

    def _content(self) -> dict[str, Any]:
        return {
            "v": RECEIPT_VERSION,
            "entry": asdict(self.entry),
            "index": self.index,
            "tree_size": self.tree_size,
            "proof": [base64.b64encode(node).decode() for node in self.proof],
            "checkpoint": self.checkpoint,
            "timestamp": base64.b64encode(self.timestamp).decode(),
            "log_key": self.log_key,
            "assurance": self.assurance.value,
        }


class TimestampFacts(Protocol):
    """What a verified TimeStampToken states."""

    @property
    def time(self) -> datetime:
        """The stated time, UTC."""

    @property
    def authority(self) -> str:
        """Name of the authority."""

    @property
    def certificate_sha256(self) -> str:
        """SHA-256 (hex) of the authority's certificate."""


class TimestampVerifier(Protocol):
    """Judges tokens against roots that were configured, never against what a token brings along."""

    def __call__(self, token: bytes, data: bytes) -> TimestampFacts:
        """Return what the DER token over `data` states.

        Raises `TokenUntrusted` when it ends at no configured root, another `CectrustError` when it doesn't hold.
        """


@dataclass(frozen=True, slots=True)
class ReceiptTrust:
    """What the verifier brings: log keys, a judge of timestamps, accredited TSA certificates (SHA-256 hex)."""

    log_keys: Sequence[NoteVerifier]
    verify_timestamp: TimestampVerifier
    accredited: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """A receipt that holds, with the head it was proven against and who vouches for the time."""

    receipt: Receipt
    checkpoint: Checkpoint
    timestamp: TimestampFacts
    assurance: Assurance


class Standing(StrEnum):
    """How much of a consistent receipt the verifier could confirm with trust of his own."""

    CONFIRMED = "confirmed"
    OWN_WORD = "own_word"
    """No log key was given: the receipt is consistent, but there is only its own word for whose log it is."""
    TIMESTAMP_UNCONFIRMED = "timestamp_unconfirmed"
    """The timestamp is whole and over this checkpoint, but ends at no authority that was given."""

    @property
    def ja(self) -> str:
        """The sentence for people."""
        return {
            "confirmed": "原本性証明書を確認しました。",
            "own_word": "原本性証明書に矛盾はありませんが、台帳の公開鍵を確認していません"
            "（--log-key で指定してください）。",
            "timestamp_unconfirmed": "原本性証明書のタイムスタンプを確認できません"
            "（時刻認証局のルート証明書を --trust で指定してください）。",
        }[self]


@dataclass(frozen=True, slots=True)
class JudgedReceipt:
    """A receipt that is at least consistent in itself, and how far it could be confirmed."""

    receipt: Receipt
    standing: Standing


def parse_receipt(raw: bytes) -> Receipt:
    """Return the receipt in `raw`, proving nothing yet.

    Raises `ReceiptRefused` unless `raw` is the canonical form with exactly the known keys.
    """
    value = require_keys(parse_canonical(raw), _KEYS, "receipt")
    if value["v"] != RECEIPT_VERSION or value["assurance"] not in list(Assurance):
        raise ReceiptRefused("unknown version or assurance")
    receipt = Receipt(
        entry=parse_entry(value["entry"]),
        index=require_count(value["index"]),
        tree_size=require_count(value["tree_size"]),
        proof=tuple(require_base64(node) for node in require_list(value["proof"])),
        checkpoint=require_text(value["checkpoint"]),
        timestamp=require_base64(value["timestamp"]),
        log_key=require_text(value["log_key"]),
        assurance=Assurance(value["assurance"]),
    )
    if receipt.encode() != raw:
        raise ReceiptRefused("the digest does not match")
    return receipt


def verify_receipt(raw: bytes, trust: ReceiptTrust) -> VerifiedReceipt:
    """Return the proven receipt in `raw`.

    Raises `ReceiptRefused`, naming in its detail what does not hold: form, log key, checkpoint, proof,
    timestamp, or a claim of accreditation that the verifier can't confirm (T13).
    """
    receipt = parse_receipt(raw)
    try:
        checkpoint = _verify_place(receipt, trust.log_keys)
        facts = trust.verify_timestamp(receipt.timestamp, receipt.checkpoint.encode())
    except ReceiptRefused:
        raise
    except CectrustError as error:
        raise ReceiptRefused(f"{error.code}: {error.detail or error.en}") from error
    confirmed = facts.certificate_sha256 in trust.accredited
    if receipt.assurance is Assurance.ACCREDITED_TIMESTAMP and not confirmed:
        raise ReceiptRefused("the timestamp is called accredited, but its TSA is not on the given list")
    return VerifiedReceipt(receipt, checkpoint, facts, receipt.assurance)


def judge_receipt(raw: bytes, log_keys: Sequence[NoteVerifier], verify_timestamp: TimestampVerifier) -> JudgedReceipt:
    """Return the receipt in `raw` and its standing, for a verifier who may lack some of the trust.

    Raises `ReceiptRefused` when it is malformed, inconsistent, of another log than the given ones, or its timestamp is
    over other bytes or has a broken signature: what is wrong by itself needs no trust to be seen.
    """
    receipt = parse_receipt(raw)
    try:
        _verify_place(receipt, log_keys or [parse_vkey(receipt.log_key)])
    except TlogError as error:
        raise ReceiptRefused(f"{error.code}: {error.detail}") from error
    try:
        verify_timestamp(receipt.timestamp, receipt.checkpoint.encode())
    except TokenUntrusted:
        return JudgedReceipt(receipt, Standing.TIMESTAMP_UNCONFIRMED)
    except CectrustError as error:
        raise ReceiptRefused(f"{error.code}: {error.detail or error.en}") from error
    return JudgedReceipt(receipt, Standing.CONFIRMED if log_keys else Standing.OWN_WORD)


def _verify_place(receipt: Receipt, log_keys: Sequence[NoteVerifier]) -> Checkpoint:
    named = [key for key in log_keys if key.vkey == receipt.log_key]
    if not named:
        raise ReceiptRefused("the log's key is not among the trusted ones")
    # A line of an unknown signer could be altered unseen.
    if len(parse_note(receipt.checkpoint).signatures) != 1:
        raise ReceiptRefused("the checkpoint has not exactly one signature")
    checkpoint = open_checkpoint(receipt.checkpoint, named)
    if checkpoint.size != receipt.tree_size:
        raise ReceiptRefused("the tree size is not that of the checkpoint")
    leaf = leaf_hash(receipt.entry.leaf_data)
    verify_inclusion(leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
    return checkpoint
