"""The words of the windows in the language of their user."""

from __future__ import annotations

from collections.abc import Mapping

from .english import ENGLISH
from .japanese import JAPANESE

LANGUAGES: Mapping[str, Mapping[str, str]] = {"ja": JAPANESE, "en": ENGLISH}
LANGUAGE_NAMES = {"ja": "日本語", "en": "English"}
FULL_WIDTH, PLAIN, PRINTABLE = 0xFF01, 0x21, 94


class Words:
    """One language. `words(key, field=…)` is a sentence; an unknown key is a KeyError, for the tests to find."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._sentences = LANGUAGES[language]

    def __call__(self, key: str, **fields: object) -> str:
        return self._sentences[key].format(**fields)

    def __contains__(self, key: str) -> bool:
        return key in self._sentences


def half_width(text: str) -> str:
    """Full-width ASCII, as a Japanese input method leaves it, in its ordinary form; the ends without spaces."""
    return text.translate({FULL_WIDTH + offset: PLAIN + offset for offset in range(PRINTABLE)}).strip()
