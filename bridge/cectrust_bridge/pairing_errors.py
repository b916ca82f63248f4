"""What can go wrong between a person, his bridge and the server he pairs it with: name and two sentences each.

These are for the person at this computer (window, command line); no page ever sees them.
"""

from __future__ import annotations

from typing import ClassVar


class PairingError(ValueError):
    """Root of the tree. `str()` is the English sentence, or what exactly is wrong with a file."""

    name: ClassVar[str] = "pairing_failed"
    ja: ClassVar[str] = "サーバーの登録の記録を読み取れません。管理者に連絡してください。"
    en: ClassVar[str] = "The record of a paired server cannot be read. Ask your administrator."

    def __init__(self, reason: str = "") -> None:
        """`reason` is for the log and the command line; never a secret."""
        super().__init__(reason or self.en)

    def as_json(self) -> dict[str, str]:
        """For `--json`."""
        return {"error": self.name, "ja": self.ja, "en": self.en, "reason": str(self)}
