"""Where the packaged templates lie."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def templates_directory() -> Path:
    """The directory of ``cectrust.templates``: inside the installed package, beside the package in a checkout.

    The import system is not asked, because an editable installation of one checkout would answer for another.
    """
    inside = _HERE / "templates"
    return inside if inside.is_dir() else _HERE.parent / "templates"
