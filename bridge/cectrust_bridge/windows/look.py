"""How the windows look: language and size of text, as the person chose or the system suggests."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .wording import LANGUAGES

PERCENTS = (100, 125, 150, 200)


@dataclass(frozen=True)
class Look:
    """`percent` is the size of everything, 100 for 96 dots an inch; None follows the screen."""

    language: str = "ja"
    percent: int | None = None

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES or self.percent not in (None, *PERCENTS):
            raise ValueError("no such language or size")

    def as_argument(self) -> str:
        """For the command line of a window's process."""
        return json.dumps(asdict(self))


def parse(text: str) -> Look:
    """The opposite of `as_argument`; ValueError."""
    value = json.loads(text)
    if not isinstance(value, dict) or set(value) != {"language", "percent"}:
        raise ValueError("a look has a language and a size")
    return Look(**value)


def language_of(environment: Mapping[str, str]) -> str:
    """LC_ALL, LC_MESSAGES, LANG in that order (POSIX); Japanese unless the first that is set says English."""
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "en" if next((value for value in named if value), "ja").startswith("en") else "ja"


def chosen(path: Path) -> Look:
    """What was saved at `path`; the system's language where nothing (or nonsense) is."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Look(language_of(os.environ))


def choose(path: Path, look: Look) -> None:
    """Save it for the windows to come."""
    path.write_text(look.as_argument(), encoding="utf-8")
