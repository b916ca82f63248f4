"""The words of the windows: every sentence in both languages, with the same blanks, and found by whoever uses it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import cectrust_bridge.windows
import pytest
from cectrust_bridge.errors import BridgeError
from cectrust_bridge.formats import rpc_errors
from cectrust_bridge.pairing.errors import PairingError
from cectrust_bridge.profile import keystore_errors
from cectrust_bridge.windows.english import ENGLISH
from cectrust_bridge.windows.japanese import JAPANESE
from cectrust_bridge.windows.look import Look, language_of, parse
from cectrust_bridge.windows.wording import half_width
from running import BRIDGE

__all__ = ["keystore_errors", "rpc_errors"]  # their errors count, too
BLANK = re.compile(r"{(\w+)}")
SOURCES = Path(cectrust_bridge.windows.__file__).parent.glob("*.py")


def test_both_languages_say_the_same_things_with_the_same_blanks() -> None:
    blanks = [{key: set(BLANK.findall(told)) for key, told in words.items()} for words in (JAPANESE, ENGLISH)]
    assert blanks[0] == blanks[1]


def _below(error: type[Exception]) -> Iterator[type[Exception]]:
    for each in error.__subclasses__():
        yield each
        yield from _below(each)


@pytest.mark.parametrize("error", [*_below(BridgeError), *_below(PairingError)], ids=lambda error: error.__name__)
def test_every_failure_says_what_happened_and_what_to_do(error: type[BridgeError | PairingError]) -> None:
    assert "ください" in error.ja
    assert len(re.findall(r"[.;] ?", error.en)) > 1, "one sentence is what happened, the next what to do"


@pytest.mark.parametrize("state", ["normal", "low", "final", "locked", "change_required"])
def test_the_users_guide_quotes_what_the_window_says_of_a_pin(state: str) -> None:
    guide = (Path(__file__).parents[2] / "docs/users/trouble.md").read_text(encoding="utf-8")
    assert f"| {JAPANESE[f'pin_{state}']} |" in guide


def test_every_sentence_that_a_window_says_exists() -> None:
    said = {key for source in SOURCES for key in re.findall(r'words\("([a-z0-9_]+)"[,)]', source.read_text())}
    assert len(said) > 80
    assert said <= set(JAPANESE)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "ja"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "ja_JP", "LANG": "en"}, "ja"),
        ({"LANG": "C"}, "ja"),
    ],
)
def test_the_language_is_japanese_unless_the_system_says_english(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"language": "tlh", "percent": null}', '{"language": "ja", "percent": 7}']
)
def test_a_look_that_does_not_exist_is_refused(text: str) -> None:
    assert parse(Look("en", 150).as_argument()) == Look("en", 150)
    with pytest.raises(ValueError, match=r"look|language"):
        parse(text)


def test_full_width_letters_and_digits_are_read_as_what_was_meant() -> None:
    assert half_width("　２４ ") == "24"
    assert half_width("ＬＡＳＴ！") == "LAST!"


def test_the_readme_names_every_command() -> None:
    """What the help of the program itself lists."""
    help_text = subprocess.run([*BRIDGE, "--help"], capture_output=True, text=True, check=True).stdout
    listed = re.search(r"{([a-z,]+)}", help_text)
    assert listed is not None
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert [each for each in listed[1].split(",") if f"\ncectrust-bridge {each} " not in readme] == []
