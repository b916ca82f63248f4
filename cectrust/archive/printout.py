"""The receipt on one sheet of paper (原本性証明書), for people; the JSON is what proves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cectrust.archive.model import Assurance, Entry
from cectrust.archive.receipt import VerifiedReceipt
from cectrust.clock import JST
from cectrust.glyphs import is_drawable

_WEEKDAYS = "月火水木金土日"
_SHEETS = 64
"""Kept printed (about 40 KB each): setting one costs a third of a second, and both parties ask for the same."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who runs the service, as the settings say; `trial_label` is empty for an accredited service."""

    operator: str
    department: str
    contact: str
    trial_label: str = "認定外（試験用）"


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A party as the sheet shows it: 案件登録者 or 受領者, company name, signer's certified name."""

    role: str
    company: str
    signer: str


def receipt_pdf(verified: VerifiedReceipt, issuer: Issuer, title: str = "", parties: Sequence[PartyLine] = ()) -> bytes:
    """Return the sheet as PDF. Only a receipt that was verified can be printed.

    A letter that the font chain can't draw stands there as its code in a frame.
    """
    return _sheet(verified, issuer, title, tuple(parties))


@lru_cache(maxsize=_SHEETS)
def _sheet(verified: VerifiedReceipt, issuer: Issuer, title: str, parties: tuple[PartyLine, ...]) -> bytes:
    from cectrust.printing import render_pdf  # 30 MB and a third of a second, for processes that may never print

    receipt, entry, facts = verified.receipt, verified.receipt.entry, verified.timestamp
    parties = parties or _signers(entry)
    operator_only = verified.assurance is Assurance.OPERATOR_ONLY
    return render_pdf(
        "receipt.html",
        {
            **asdict(issuer),
            "number": entry.number,
            "title": title,
            "parties": parties,
            "unprintable": not all(map(is_drawable, _lines(title, parties))),
            "sealed_at": japanese_time(datetime.strptime(entry.time, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)),
            "files": [{**asdict(file), "size": f"{file.size:,}"} for file in entry.files],
            "origin": verified.checkpoint.origin,
            "index": f"{receipt.index:,}",
            "tree_size": f"{receipt.tree_size:,}",
            "leaf_data": entry.leaf_data.hex(),
            "checkpoint": receipt.checkpoint,
            "log_key": receipt.log_key,
            "timestamped_at": japanese_time(facts.time),
            "authority": facts.authority,
            "tsa_certificate": facts.certificate_sha256,
            "tsa_label": issuer.trial_label if operator_only else "認定",
            "assurance": verified.assurance.ja,
            "operator_only": operator_only,
        },
    )


def japanese_time(moment: datetime) -> str:
    """Return an aware time as people in Japan write it, to the second: 2026年11月23日（月）12時00分00秒."""
    local = moment.astimezone(JST)
    day = f"{local.year}年{local.month}月{local.day}日（{_WEEKDAYS[local.weekday()]}）"
    return f"{day}{local.hour}時{local.minute:02}分{local.second:02}秒（日本時間）"


def _signers(entry: Entry) -> tuple[PartyLine, ...]:
    return tuple(PartyLine("署名者", "", signature.name) for signature in entry.signatures)


def _lines(title: str, parties: Sequence[PartyLine]) -> list[str]:
    """What people entered; all else on the sheet is ours."""
    return [title, *(words for party in parties for words in (party.company, party.signer))]
