"""Each letter is given to a font of the chain before rendering.

The renderer would silently take any font of the machine, or draw a square.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from markupsafe import Markup

from cectrust.glyphs import PRINT, code, family_for, letters

_LAYOUT = frozenset("\t\n\r ")
_AS = {
    PRINT[0]: Markup("{}"),
    PRINT[1]: Markup('<span class="fallback">{}</span>'),
    "": Markup('<span class="unprintable">{}</span>'),
}


def mark_fallback(value: object) -> object:
    """Return a string as HTML in which what only the fallback font can draw is marked; other values unchanged.

    A letter that no font can draw is replaced by its code, in a frame.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    runs = groupby(letters(value), key=_family)
    return Markup("").join(_AS[family].format(_text(family, run)) for family, run in runs)


def _family(letter: str) -> str:
    return PRINT[0] if letter in _LAYOUT else family_for(letter) or ""


def _text(family: str, run: Iterable[str]) -> str:
    return "".join(run) if family else " ".join(map(code, run))
