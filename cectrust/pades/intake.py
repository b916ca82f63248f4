"""Is this upload fit to become a contract document?"""

from __future__ import annotations

from pathlib import Path

from cectrust.pades.model import IntakeReport

MAX_DOCUMENT_BYTES = 100 * 1024 * 1024


def intake(path: Path, max_bytes: int = MAX_DOCUMENT_BYTES) -> IntakeReport:
    """Read the whole file once and report what it holds.

    Raises `DocumentRefused` for: empty, too large, not a PDF, broken, encrypted, XFA, JavaScript or
    launch action. Other hidden content is a warning in `findings`. Run it in a parser worker.
    """
    raise NotImplementedError
