"""Names are kept exactly as entered; only the search key folds what people type differently.

Normalising a stored name would change it (NFC alone replaces compatibility ideographs), so the fold is one way
and never shown.
"""

from __future__ import annotations

import unicodedata

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.jp import cn

from cectrust.sdk.errors import InputRefused

_PAIRS = "髙高 﨑崎 𠮷吉 濵浜 濱浜 邊辺 邉辺 齋斎 齊斉 德徳 嵜崎 冨富 桒桑 栁柳 瀨瀬 廣広 澤沢 國国 淸清 眞真 槇槙 舘館"
_VARIANTS = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
_ABBREVIATIONS = {"(株)": "株式会社", "(有)": "有限会社", "(資)": "合資会社", "(名)": "合名会社", "(同)": "合同会社"}
_VARIATION_SELECTORS = dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))


def search_key(name: str) -> str:
    """Fold width, case, variants of ideographs, abbreviated legal forms and spaces."""
    folded = unicodedata.normalize("NFKC", name.translate(_VARIATION_SELECTORS)).translate(_VARIANTS).casefold()
    for short, full in _ABBREVIATIONS.items():
        folded = folded.replace(short, full)
    return unicodedata.normalize("NFKC", "".join(folded.split()))


def company_number(serial: int) -> str:
    """The number people use for a company: serial and Luhn check digit (ISO/IEC 7812-1), ``C000012-5``."""
    digits = f"{serial:06d}"
    return f"C{digits}-{luhn.calc_check_digit(digits)}"


def corporate_number(text: str) -> str:
    """法人番号 as 13 digits; full width, spaces and hyphens are accepted.

    Raises:
        InputRefused: wrong length or check digit (財務省令: 9 − Σ PnQn mod 9).
    """
    typed = unicodedata.normalize("NFKC", text).translate({ord(c): None for c in " -‐‑‒–—―−ー〜~"})
    try:
        return str(cn.validate(typed))
    except ValidationError as error:
        raise InputRefused(
            "corporate_number_invalid",
            "法人番号が正しくありません。13 桁の数字を、登記や国税庁の公表サイトのとおりに入力してください。",
            "The corporate number is wrong. Enter its 13 digits as published by the National Tax Agency.",
            field="corporate_number",
        ) from error
