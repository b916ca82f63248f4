"""Makes foreign text harmless: bidi, invisible and control characters visible, host names in punycode."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

INVISIBLE = frozenset(["Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"])
# Variation selectors choose between the forms of one kanji in personal names (IVS): they belong to the name.
VARIATION_SELECTORS = range(0xE0100, 0xE01F0)
ALWAYS_MARKED = frozenset(
    "\u115f\u1160\u3164\uffa0\u2800\u034f\u00a0\u202f\u205f"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
)


def visible(text: str, keep: str = "") -> str:
    """`text` with each character that could hide or reorder something as ‹U+XXXX›, except those in `keep`."""
    return "".join(_visible(character) if character not in keep else character for character in text)


def _visible(character: str) -> str:
    if ord(character) in VARIATION_SELECTORS:
        return character
    if unicodedata.category(character) in INVISIBLE or character in ALWAYS_MARKED:
        return f"‹U+{ord(character):04X}›"
    return character


def host(origin: str) -> str:
    """The host of an origin in its ASCII form, so that look-alikes are seen."""
    return (urlsplit(origin).hostname or "").encode("idna").decode()


def amount(value: int | None, currency: str | None) -> str:
    """An amount with thousands separators, or 金額なし."""
    return "金額なし (none)" if value is None else f"{value:,} {currency}"
