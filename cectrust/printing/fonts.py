"""The font chain: BIZ UDPGothic for everything it has, IPAmj Mincho for the rest (𠮷, variation sequences).

The renderer would silently take any font of the machine, or draw a square. Here each character is assigned
to a font of the chain before rendering, or refused.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from fontTools.ttLib import TTFont
from markupsafe import Markup

from cectrust.printing.errors import GlyphMissing, PrintingUnavailable

MAIN, FALLBACK = "BIZ UDPGothic", "IPAmjMincho"
_LAYOUT = frozenset("\t\n\r ")


def mark_fallback(value: object) -> object:
    """Return a string as HTML in which what only the fallback font can draw is marked; other values unchanged.

    Raises `GlyphMissing`.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    parts = []
    for main, run in groupby(_clusters(value), key=_in_main_font):
        text = "".join(run)
        parts.append(Markup("{}").format(text) if main else Markup('<span class="fallback">{}</span>').format(text))
    return Markup("").join(parts)


def _clusters(text: str) -> Iterator[str]:
    """Yield characters, each with the variation selector that follows it."""
    pending = ""
    for character in text:
        if pending and _is_selector(character):
            pending += character
            continue
        if pending:
            yield pending
        pending = character
    if pending:
        yield pending


def _in_main_font(cluster: str) -> bool:
    if cluster in _LAYOUT or _has(MAIN, cluster):
        return True
    if _has(FALLBACK, cluster):
        return False
    raise GlyphMissing(cluster)


def _has(family: str, cluster: str) -> bool:
    characters, sequences = _coverage(family)
    if len(cluster) == 1:
        return ord(cluster) in characters
    return (ord(cluster[0]), ord(cluster[1])) in sequences and len(cluster) == 2


def _is_selector(character: str) -> bool:
    return 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF


@lru_cache
def _coverage(family: str) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """Return the code points and the variation sequences (base, selector) that a family draws."""
    with TTFont(_font_file(family), lazy=True) as font:
        characters = frozenset(font.getBestCmap())
        variations = font["cmap"].getcmap(0, 5)
        listed = variations.uvsDict.items() if variations else ()
        return characters, frozenset((base, selector) for selector, pairs in listed for base, _ in pairs)


def _font_file(family: str) -> str:
    """Ask fontconfig, as the renderer does; it answers with some other font when the family is missing."""
    command = ["fc-match", "--format=%{family}\n%{file}", f"{family}:style=Regular"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    found, _, path = answer.partition("\n")
    if family not in found.split(","):
        raise PrintingUnavailable(family)
    return path
