"""Names and values of a question, as the windows list them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .layout import grouped
from .wording import Words

ASKER = ("origin", "host", "server", "user")
CLAIM_WORDS = {"title": "claim_title", "partner": "partner", "amount": "amount"}


def claim_rows(words: Words, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the server says about a document."""
    return [(words(CLAIM_WORDS[name]), value) for name, value in document["claims"].items()]


def fact_rows(words: Words, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the bridge knows of it."""
    known = document["facts"]
    earlier = known["earlier_signatures"]
    return [
        (words("pages"), f"{known['pages']:,}"),
        (words("size"), words("octets", size=f"{known['size']:,}")),
        (words("earlier_signatures"), words("some_signatures", count=earlier) if earlier else words("no_signatures")),
        (words("sha256"), grouped(known["sha256"])),
    ]


def certificate_rows(words: Words, question: Mapping[str, Any]) -> list[tuple[str, str]]:
    """With what it will be signed."""
    certificate, token = question["certificate"], question["token"]
    rows = [("subject", certificate["holder"]), ("issuer", certificate["authority"]), ("until", certificate["until"])]
    return [
        *((words(name), told) for name, told in rows),
        (words("token"), words("token_named", label=token["label"], model=token["model"])),
    ]


def asker_rows(words: Words, question: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who asks."""
    return [(words(name), question[name]) for name in ASKER]


def total_rows(words: Words, totals: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Count, pages and octets of all documents (facts), and the claimed amounts by currency."""
    return [
        (words("documents"), words("count", count=f"{totals['documents']:,}")),
        (words("pages"), f"{totals['pages']:,}"),
        (words("size"), words("octets", size=f"{totals['size']:,}")),
        (words("claimed_sum"), "\n".join(totals["amounts"])),
    ]
