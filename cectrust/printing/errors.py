"""Errors of the printing engine."""

from __future__ import annotations

from weasyprint.urls import FatalURLFetchingError

from cectrust.sdk.errors import CectrustError, InputRefused


class PrintingUnavailable(CectrustError):
    """A font of the chain is not installed."""

    def __init__(self, family: str) -> None:
        super().__init__(
            "font_missing",
            f"印刷用フォント「{family}」が導入されていません。システム管理者へご連絡ください。",
            f"The print font {family} is not installed.",
        )


class GlyphMissing(InputRefused):
    """A character that no font of the chain can draw. It is never printed as an empty square."""

    def __init__(self, character: str) -> None:
        points = " ".join(f"U+{ord(part):04X}" for part in character)
        super().__init__(
            "glyph_missing",
            f"文字「{character}」（{points}）を印刷できません。別の字体をお使いになるか、ヘルプデスクへご連絡ください。",
            f"The character {points} can't be printed.",
        )


class ResourceRefused(FatalURLFetchingError):  # type: ignore[misc]
    """A template asked for something that is not packaged with it: a mistake, or somebody's injected address."""
