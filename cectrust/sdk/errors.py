"""The one error tree. Every error carries a stable code and a sentence in Japanese and in English.

A sentence says what happened, what it means and what to do. ``detail`` is for logs and the journal, never
for the person; it must not hold secrets, PINs or the bytes of a document.
The mapping to HTTP is made once, at the edge (``cectrust.web.errors``).
"""

from __future__ import annotations


class CectrustError(Exception):
    """Root of the tree. Never raised itself."""

    def __init__(self, code: str, ja: str, en: str, detail: str = "") -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.ja = ja
        self.en = en
        self.detail = detail


class InputRefused(CectrustError):
    """What came in is not acceptable: form, upload, message, PDF, ASN.1. Nothing was kept."""

    def __init__(self, code: str, ja: str, en: str, detail: str = "", field: str = "") -> None:
        super().__init__(code, ja, en, detail)
        self.field = field


class NotSignedIn(CectrustError):
    """Nobody is signed in, or the session has ended."""


class Forbidden(CectrustError):
    """The actor may see the subject but may not do this to it."""


class NotFound(CectrustError):
    """No such thing, or one the actor may not know of: the two must look alike."""

    def __init__(self, what_ja: str = "ページ", what_en: str = "page", detail: str = "") -> None:
        super().__init__(
            "not_found",
            f"お探しの{what_ja}は見つかりません。削除されたか、閲覧する権限がありません。",
            f"No such {what_en}, or you have no right to see it.",
            detail,
        )


class Conflict(CectrustError):
    """Allowed in principle, but not in the state that things are in now."""


class TooManyRequests(CectrustError):
    """Tried too often; says when to try again."""


class Unavailable(CectrustError):
    """Something outside (TSA, OCSP, mail, store, token) did not answer as it should; trying again may help."""


class IntegrityBroken(CectrustError):
    """Stored bytes, the log or the journal do not match what was recorded. Always an alarm."""


class Misconfigured(CectrustError):
    """Settings or plugins are wrong; start-up stops and says which key or plugin."""
