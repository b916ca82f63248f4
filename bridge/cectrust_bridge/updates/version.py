"""Version numbers as the bridge has them: three numbers, no suffix (the core of SemVer 2.0.0, section 2)."""

from __future__ import annotations

import re
from typing import NamedTuple

FORM = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})")


class Version(NamedTuple):
    """Ordered as numbers, never as text."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: object) -> Version:
        """`1.2.3`; ValueError for anything else."""
        found = FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError("a version is three numbers")
        return cls(*(int(number) for number in found.groups()))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"
