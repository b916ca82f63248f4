"""What the caller sees when a parser didn't survive its task. None of it is a verdict on the file (decision 079)."""

from __future__ import annotations

from cectrust.sdk.errors import InputRefused

_WHAT_TO_DO = (
    "ファイルに問題があるとは限りません。このファイルは保存していません。もう一度お試しください。"
    "くり返す場合は、PDF を作り直すか、ヘルプデスクへご連絡ください。",
    "The file may be in order. It was not kept. Try again; if that fails, make the PDF anew or ask the help desk.",
)


class ParserStopped(InputRefused):
    """The worker died, ran out of memory, or answered nonsense: a hostile file and a busy machine look the same."""

    def __init__(self, detail: str) -> None:
        self._say("parser_stopped", "ファイルの解析が途中で停止しました。", "Examining the file stopped.", detail)

    def _say(self, code: str, ja: str, en: str, detail: str) -> None:
        super().__init__(code, ja + _WHAT_TO_DO[0], f"{en} {_WHAT_TO_DO[1]}", detail)


class ParserLate(ParserStopped):
    """The worker didn't answer in time: a large file, or a busy machine."""

    def __init__(self, detail: str) -> None:
        ja, en = "ファイルの解析が時間内に終わりませんでした。", "Examining the file took too long."
        self._say("parser_late", ja, en, detail)
