"""Supported environments (対応環境) as the help page shows them, with the day on which that was true."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files


class Support(Enum):
    """What is known of an environment."""

    TESTED = "tested"
    """Our tests sign there."""
    EXPECTED = "expected"
    """The same engine, or the same program on another system; nobody has tried."""
    NO_SIGNING = "no_signing"
    """Signing is impossible there; everything else works."""


@dataclass(frozen=True)
class Environment:
    support: Support
    ja: str
    en: str


@dataclass(frozen=True)
class Environments:
    as_of: dt.date
    oldest: Mapping[str, int]
    """By engine (as ``static/pc-findings.js`` names it), the oldest version that is expected to sign."""
    known: tuple[Environment, ...]

    def of(self, support: str) -> tuple[Environment, ...]:
        return tuple(each for each in self.known if each.support is Support(support))


@functools.cache
def environments() -> Environments:
    """What ``environments.toml`` beside this module says."""
    stated = tomllib.loads(files(__package__).joinpath("environments.toml").read_text(encoding="utf-8"))
    known = tuple(Environment(Support(each["state"]), each["ja"], each["en"]) for each in stated["environment"])
    return Environments(stated["as_of"], stated["oldest"], known)
