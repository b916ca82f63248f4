"""Which characters may stand in one line that people read: all but those that steer, reorder or hide.

Unicode's general categories (UAX #44, 5.7.1) decide. ``str.isprintable`` would refuse the ideographic space. Variation
selectors are marks (Mn) and belong to their kanji; joiners (Cf) are refused, no Japanese name is written with one.
"""

from __future__ import annotations

import unicodedata

from cectrust.sdk.errors import InputRefused

_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))


def is_seen(character: str) -> bool:
    """Whether a reader sees the character, or the space that it takes."""
    return unicodedata.category(character) not in _UNSEEN


def seen(text: str) -> str:
    """What a reader sees of a text; its spaces stay as they are."""
    return "".join(filter(is_seen, text))


def refuse_unseen(text: str, ja: str, en: str, field: str) -> None:
    """Raises ``InputRefused`` that names the first character of the text that nobody sees.

    ``ja`` and ``en`` say what the text is, ``field`` where it was entered.
    """
    character = next((each for each in text if not is_seen(each)), None)
    if character is None:
        return
    code = f"U+{ord(character):04X}"
    raise InputRefused(
        "character_unseen",
        f"{ja}に、改行など目に見えない文字（{code}）が含まれています。保存していません。"
        "その文字を消し、1 行で入力し直してください。",
        f"The {en} holds a line break or another invisible character ({code}). Nothing was kept. "
        "Remove it and enter one line.",
        field=field,
    )
