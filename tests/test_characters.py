"""One line that people read: every letter and space of it, and nothing that hides or steers."""

from __future__ import annotations

import pytest

from cectrust.characters import refuse_unseen, seen
from cectrust.sdk.errors import InputRefused

SHOWN = ("改修　工事", "改修 工事", "渡邊\U000e0101", "髙﨑\ufe00", "か\u3099", "𠮷", "№ １")
HIDDEN = ("\x00", "\n", "\t", "\x7f", "\u200b", "\u202e", "\u2028", "\u2029", "\ufeff", "\u200d", "\ud800")


@pytest.mark.parametrize("text", SHOWN)
def test_letters_marks_selectors_and_spaces_of_any_width_stay(text: str) -> None:
    assert seen(text) == text
    refuse_unseen(text, "件名", "title", "title")


@pytest.mark.parametrize("character", HIDDEN)
def test_what_nobody_sees_is_left_out_or_refused_by_its_code(character: str) -> None:
    assert seen(f"改修{character}工事") == "改修工事"
    with pytest.raises(InputRefused) as refused:
        refuse_unseen(f"改修{character}工事", "件名", "title", "title")
    assert refused.value.field == "title"
    for sentence in (refused.value.ja, refused.value.en):
        assert f"U+{ord(character):04X}" in sentence
