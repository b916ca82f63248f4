"""The visible seal (電子印影): a vermilion ring with the signer's name, drawn once per name.

It proves nothing, the signature does; but a contract without a seal looks unsigned to those who file it.
A glyph that no font of the chain has is an error, never a square.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from cectrust.pades.model import SealImage
from cectrust.sdk.errors import InputRefused, Misconfigured

VERMILION = (200, 50, 31, 255)
SIDE = 240
"""Pixels; the slot is about 2 cm wide, so this is some 300 dots per inch."""
_RING = 9
_MOST = 8
_FONTS = (
    Path("/usr/share/fonts/truetype/bizud-mincho/BIZUDPMincho-Regular.ttf"),
    Path("/usr/share/fonts/truetype/ipamj/ipamjm.ttf"),
)


@lru_cache(maxsize=512)
def seal_image(name: str) -> SealImage:
    """PNG with transparency for a holder's name as certified, at most ``_MOST`` characters of it.

    Raises:
        InputRefused: no font has a glyph of the name.
        Misconfigured: the fonts are not installed.
    """
    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((_RING, _RING, SIDE - _RING, SIDE - _RING), outline=VERMILION, width=_RING)
    for text, x, y, size in _layout("".join(name.split())[:_MOST]):
        pen.text((x, y), text, font=_font(text, size), fill=VERMILION, anchor="mm")
    with io.BytesIO() as png:
        image.save(png, "PNG", optimize=True)
        return SealImage(png.getvalue())


def _layout(name: str) -> list[tuple[str, float, float, int]]:
    """Characters in vertical columns from right to left, as on a personal seal."""
    rows = (len(name) + 1) // 2 if len(name) > 3 else len(name)
    columns = [name[n : n + rows] for n in range(0, len(name), rows)]
    size = min(62, 168 // max(rows, len(columns)))
    right = SIDE / 2 + (len(columns) - 1) * size * 0.55
    top = SIDE / 2 - (rows - 1) * size * 0.52
    return [
        (letter, right - n * size * 1.1, top + row * size * 1.04, size)
        for n, column in enumerate(columns)
        for row, letter in enumerate(column)
    ]


def _font(letter: str, size: int) -> ImageFont.FreeTypeFont:
    for path in _FONTS:
        if ord(letter) in _coverage(path):
            return ImageFont.truetype(str(path), size)
    raise InputRefused(
        "glyph_missing",
        f"印影に使う文字「{letter}」(U+{ord(letter):04X}) を持つフォントがありません。運営担当者へご連絡ください。",
        f"No font has a glyph for U+{ord(letter):04X}.",
    )


@lru_cache
def _coverage(path: Path) -> frozenset[int]:
    if not path.exists():
        raise Misconfigured(
            "font_missing",
            f"フォント {path.name} がありません。Debian パッケージ fonts-morisawa-bizud-mincho と fonts-ipamj-mincho を"
            "導入してください。",
            f"The font {path.name} is missing; install fonts-morisawa-bizud-mincho and fonts-ipamj-mincho.",
        )
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
