"""The visible seal (電子印影): a vermilion ring with the signer's name, drawn once per name.

It proves nothing, the signature does; but a contract without a seal looks unsigned to those who file it.
A letter that no font of the chain has is drawn as its code, never as a square: its person signs all the same.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, features

from cectrust.characters import seen
from cectrust.glyphs import SEAL, code, family_for, font_file, letters
from cectrust.pades.model import SealImage
from cectrust.sdk.errors import InputRefused, Misconfigured

VERMILION = (200, 50, 31, 255)
SIDE = 240
"""Pixels; the slot is about 2 cm wide, so this is some 300 dots per inch."""
_RING = 9
_MOST = 8
_CODE_SIZE = 0.34
"""Of a letter's size: five hexadecimal digits are then as wide as the letter."""


@lru_cache(maxsize=512)
def seal_image(name: str) -> SealImage:
    """PNG with transparency for a holder's name as certified, at most ``_MOST`` letters of it.

    Raises:
        InputRefused: the certificate has no name.
        Misconfigured: the fonts are not installed.
    """
    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.ellipse((_RING, _RING, SIDE - _RING, SIDE - _RING), outline=VERMILION, width=_RING)
    for letter, x, y, size in _layout(_letters(name)):
        _draw(pen, letter, (x, y), size)
    with io.BytesIO() as png:
        image.save(png, "PNG", optimize=True)
        return SealImage(png.getvalue())


def _letters(name: str) -> list[str]:
    found = list(letters("".join(seen(name).split())))[:_MOST]
    if not found:
        raise InputRefused(
            "holder_nameless",
            "この電子証明書には氏名が記録されていないため、署名に使えません。別の電子証明書を選ぶか、発行元へご連絡ください。",
            "This certificate names no holder, so nothing can be signed with it. Choose another, or ask its issuer.",
        )
    return found


def _layout(name: Sequence[str]) -> list[tuple[str, float, float, int]]:
    """Letters in vertical columns from right to left, as on a personal seal."""
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


def _draw(pen: ImageDraw.ImageDraw, letter: str, at: tuple[float, float], size: int) -> None:
    family = family_for(letter, SEAL)
    text = letter if family else code(letter).replace("U+", "").replace(" ", "\n")
    font = _font(family or SEAL[0], size if family else round(size * _CODE_SIZE))
    pen.text(at, text, font=font, fill=VERMILION, anchor="mm", align="center")


def _font(family: str, size: int) -> ImageFont.FreeTypeFont:
    """Laid out by Raqm, which alone heeds variation selectors; without it Pillow would draw the plain form."""
    if not features.check("raqm"):
        raise Misconfigured(
            "raqm_missing",
            "異体字を描くための FriBiDi がありません。Debian パッケージ libfribidi0（libpango-1.0-0 が必要とします）を"
            "導入してください。",
            "FriBiDi, which Pillow needs to draw variants, is missing; install libfribidi0 (libpango-1.0-0 needs it).",
        )
    return ImageFont.truetype(font_file(family), size, layout_engine=ImageFont.Layout.RAQM)
