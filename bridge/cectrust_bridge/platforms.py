"""On which systems a bridge serves. What is missing elsewhere is said in one sentence, before anything is begun."""

from __future__ import annotations

import sys

SERVING = ("linux", "darwin")
"""By `sys.platform`. Windows lacks: handing a socket to a child process (`processes/process.py`), one bridge for each
profile (`service/instance.py`), signals (`serving.py`), limits for the renderer (`processes/sandbox.py`), access lists
(`profile/folder.py`)."""


class NotHereYet(Exception):
    """This system has no bridge yet."""

    ja = "署名ブリッジは、この OS ではまだ動きません。何も始めていません。Linux のパソコンでお使いください。"
    en = "The signing bridge does not run on this system yet. Nothing was started. Use a computer with Linux."

    def __init__(self) -> None:
        super().__init__(f"{self.ja} {self.en}")


def check() -> None:
    """NotHereYet where no bridge can serve."""
    if sys.platform not in SERVING:
        raise NotHereYet
