"""What the caller sees when a parser didn't survive its task."""

from __future__ import annotations

from cectrust.sdk.errors import InputRefused


class ParserStopped(InputRefused):
    """The worker died, ran out of time or memory, or answered nonsense. The document is to blame."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "parser_stopped",
            "このファイルの解析は制限（時間・メモリ）を超えたため中止しました。"
            "壊れているか、細工されたファイルの可能性があります。",
            "Parsing was stopped at its limits; the file is damaged or malicious.",
            detail,
        )
