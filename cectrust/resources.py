"""Where the packaged templates lie."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def templates_directory() -> Path:
    """The directory of ``cectrust.templates``; in a checkout that is not installed it lies beside the package."""
    spec = find_spec("cectrust.templates")
    if spec and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(__file__).resolve().parent.parent / "templates"
