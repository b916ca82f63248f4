"""Which font of a chain draws a letter: a BIZ UD font nearly all of them, IPAmj Mincho the rest (𠮷, variants).

A letter here is a character with the marks and the variation selector that follow it (UTS #37). It is asked for and
drawn whole: a selector that is left out makes another person's 邊. What no font of the chain has is never drawn as a
square: it is refused where it is entered, and named by its code where it stands already (decision 086).
"""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from fontTools.ttLib import TTFont

from cectrust.characters import refuse_unseen
from cectrust.sdk.errors import InputRefused, Misconfigured

FALLBACK = "IPAmjMincho"
PRINT = ("BIZ UDPGothic", FALLBACK)
SEAL = ("BIZ UDPMincho", FALLBACK)


def letters(text: str) -> Iterator[str]:
    """Characters, each with the marks and variation selectors that follow it."""
    letter = ""
    for character in text:
        if letter and (_is_selector(character) or unicodedata.combining(character)):
            letter += character
            continue
        if letter:
            yield letter
        letter = character
    if letter:
        yield letter


def family_for(letter: str, chain: Sequence[str] = PRINT) -> str | None:
    """The first family of the chain that draws all of a letter, or ``None``. Raises ``Misconfigured``."""
    return next((family for family in chain if _draws(family, letter)), None)


def is_drawable(text: str) -> bool:
    """Whether all of a line can be printed."""
    return all(map(family_for, letters(text)))


def code(letter: str) -> str:
    """A letter's code points, ``U+908A U+E0101``."""
    return " ".join(f"U+{ord(part):04X}" for part in letter)


def refuse_unprintable(text: str, ja: str, en: str, field: str) -> None:
    """Raises ``InputRefused`` that names the first letter of a line that nobody would see, or no font could draw.

    ``ja`` and ``en`` say what the line is, ``field`` where it was entered.
    """
    refuse_unseen(text, ja, en, field)
    letter = next((each for each in letters(text) if family_for(each) is None), None)
    if letter is None:
        return
    raise InputRefused(
        "glyph_missing",
        f"{ja}の文字「{letter}」（{code(letter)}）は、証明書などの書面に印刷できません。保存していません。"
        "別の字体や読みに置き換えて入力し直すか、ヘルプデスクへご連絡ください。",
        f"The letter {code(letter)} of the {en} cannot be printed on receipts. Nothing was kept. "
        "Write it in another form, or ask the help desk.",
        field=field,
    )


@lru_cache
def font_file(family: str) -> str:
    """Path of a family's regular face. Raises ``Misconfigured``: fontconfig answers with some other font instead."""
    command = ["fc-match", "--format=%{family}\n%{file}", f"{family}:style=Regular"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    found, _, path = answer.partition("\n")
    if family not in found.split(","):
        raise Misconfigured(
            "font_missing",
            f"フォント「{family}」がありません。Debian パッケージ fonts-morisawa-bizud-gothic、"
            "fonts-morisawa-bizud-mincho、fonts-ipamj-mincho を導入してください。",
            f"The font {family} is missing; install fonts-morisawa-bizud-gothic, fonts-morisawa-bizud-mincho and "
            "fonts-ipamj-mincho.",
        )
    return path


def _draws(family: str, letter: str) -> bool:
    characters, sequences = _coverage(family)
    return all(
        (ord(before), ord(each)) in sequences if before and _is_selector(each) else ord(each) in characters
        for before, each in pairwise(("", *letter))
    )


def _is_selector(character: str) -> bool:
    return 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF


@lru_cache
def _coverage(family: str) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """The code points and the variation sequences (base, selector; cmap format 14) that a family draws."""
    with TTFont(font_file(family), lazy=True) as font:
        characters = frozenset(font.getBestCmap())
        variations = font["cmap"].getcmap(0, 5)
        listed = variations.uvsDict.items() if variations else ()
        return characters, frozenset((base, selector) for selector, pairs in listed for base, _ in pairs)
