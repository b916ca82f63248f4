"""What one check found, in words for a clerk. It names no person, no serial number and no home folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..display import visible
from .sentences import SENTENCES

Facts = Mapping[str, str | int]


class State(Enum):
    """`DOUBTFUL`: signing may still work."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """`code` is stable (`port.taken`). `do_ja` and `do_en` are empty where there is nothing to do."""

    code: str
    state: State
    ja: str
    en: str
    do_ja: str = ""
    do_en: str = ""
    facts: Facts = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For `--json`, the report and `env.check`."""
        sentences = {"ja": self.ja, "en": self.en, "do_ja": self.do_ja, "do_en": self.do_en}
        return {"code": self.code, "state": self.state.value, **sentences, "facts": dict(self.facts)}


def found(code: str, **facts: str | int) -> Finding:
    """The finding `code` with its sentences filled in. Facts may come from anywhere: they get harmless here."""
    shown = {name: visible(value) if isinstance(value, str) else value for name, value in facts.items()}
    state, *texts = SENTENCES[code]
    ja, en, do_ja, do_en = (text.format(**shown) for text in texts)
    return Finding(code, State(state), ja, en, do_ja, do_en, shown)
