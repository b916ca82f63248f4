"""Reading entries and receipts that came from outside: one spelling passes, everything else is refused."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from cectrust.archive.model import (
    ENTRY_VERSION,
    Entry,
    Event,
    JournalHead,
    RequiredSignature,
    SealedFile,
    canonical_json,
)
from cectrust.sdk.errors import InputRefused
from cectrust.sdk.protocols import Digest

MAX_JSON_BYTES = 1 << 20
_HEX32 = re.compile(r"[0-9a-f]{64}")
_SALT = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_ENTRY_KEYS = frozenset({"event", "ledger", "number", "time", "salt", "files", "signatures", "journal", "v"})


class ReceiptRefused(InputRefused):
    """A receipt is malformed, not in canonical form, or does not prove what it says."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "receipt_refused",
            "この原本性証明書は確認できません。壊れているか、書き換えられています。",
            "This receipt can't be confirmed: it is broken or was altered.",
            detail,
        )


def parse_canonical(raw: bytes) -> Mapping[str, Any]:
    """Return the JSON object in `raw` if `raw` is byte for byte its RFC 8785 form (at most 1 MiB)."""
    if len(raw) > MAX_JSON_BYTES:
        raise ReceiptRefused("longer than 1 MiB")
    try:
        value = json.loads(raw.decode("utf-8"), parse_float=_refuse_number, parse_constant=_refuse_number)
        if not isinstance(value, dict) or canonical_json(value) != raw:
            raise ReceiptRefused("not the canonical form of a JSON object")
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise ReceiptRefused(f"not canonical JSON: {type(error).__name__}") from error
    return value


def parse_entry(value: Any) -> Entry:
    """Return the entry that a JSON object states; refuses unknown and missing keys and wrong types."""
    entry = require_keys(value, _ENTRY_KEYS, "entry")
    if entry["v"] != ENTRY_VERSION or entry["event"] not in list(Event):
        raise ReceiptRefused("unknown entry version or event")
    return Entry(
        event=Event(entry["event"]),
        ledger=require_text(entry["ledger"]),
        number=require_text(entry["number"]),
        time=_matching(_TIME, entry["time"]),
        salt=_matching(_SALT, entry["salt"]),
        files=tuple(_parse_file(item) for item in require_list(entry["files"])),
        signatures=tuple(_parse_signature(item) for item in require_list(entry["signatures"])),
        journal=None if entry["journal"] is None else _parse_journal(entry["journal"]),
    )


def require_keys(value: Any, keys: frozenset[str], what: str) -> Mapping[str, Any]:
    """Return `value` if it is an object with exactly `keys`."""
    if not isinstance(value, dict) or value.keys() != keys:
        raise ReceiptRefused(f"{what} has unknown or missing keys")
    return value


def require_list(value: Any) -> Sequence[Any]:
    """Return `value` if it is an array."""
    if not isinstance(value, list):
        raise ReceiptRefused("an array was expected")
    return value


def require_text(value: Any) -> str:
    """Return `value` if it is a string."""
    if not isinstance(value, str):
        raise ReceiptRefused("a string was expected")
    return value


def require_count(value: Any) -> int:
    """Return `value` if it is a non-negative integer (a boolean is none)."""
    if type(value) is not int or value < 0:
        raise ReceiptRefused("a non-negative integer was expected")
    return value


def require_base64(value: Any) -> bytes:
    """Return the bytes of a string that is their one base64 spelling (RFC 4648 section 4)."""
    text = require_text(value)
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReceiptRefused("malformed base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ReceiptRefused("base64 is not canonical")
    return raw


def _parse_file(value: Any) -> SealedFile:
    item = require_keys(value, frozenset({"sha256", "size", "media_type"}), "file")
    return SealedFile(
        Digest(_matching(_HEX32, item["sha256"])), require_count(item["size"]), require_text(item["media_type"])
    )


def _parse_signature(value: Any) -> RequiredSignature:
    item = require_keys(value, frozenset({"field", "name"}), "signature")
    return RequiredSignature(require_text(item["field"]), require_text(item["name"]))


def _parse_journal(value: Any) -> JournalHead:
    item = require_keys(value, frozenset({"position", "chain_hash"}), "journal head")
    return JournalHead(require_count(item["position"]), Digest(_matching(_HEX32, item["chain_hash"])))


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    text = require_text(value)
    if not pattern.fullmatch(text):
        raise ReceiptRefused("a digest, salt or time is malformed")
    return text


def _refuse_number(text: str) -> Any:
    raise ReceiptRefused(f"no number of this kind has a place here: {text[:20]}")
