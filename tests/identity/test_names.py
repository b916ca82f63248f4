"""Names are found however they are typed, and kept as they were entered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cectrust.identity.names import company_number, corporate_number, search_key
from cectrust.sdk.errors import InputRefused


@pytest.mark.parametrize(
    ("entered", "typed"),
    [
        ("髙﨑 𠮷乃", "高崎吉乃"),
        ("㈱山田太郎建設工業", "株式会社 山田太郎建設工業"),
        ("(有)神福鋼材", "有限会社神福鋼材"),
        ("ＡＢＣ工業", "abc工業"),
        ("ｶﾝﾄｳ環境", "カントウ環境"),
        ("葛\U000e0100城建設", "葛城建設"),
    ],
)
def test_the_search_key_folds_what_people_write_differently(entered: str, typed: str) -> None:
    assert search_key(entered) == search_key(typed)


def test_the_search_key_keeps_different_names_apart() -> None:
    assert search_key("株式会社山田建設") != search_key("有限会社山田建設")


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert search_key(search_key(name)) == search_key(name)


@given(st.integers(1, 999_999), st.integers(0, 5), st.integers(1, 9))
def test_one_wrong_digit_breaks_the_company_number(serial: int, place: int, change: int) -> None:
    digits = list(f"{serial:06d}")
    digits[place] = str((int(digits[place]) + change) % 10)
    assert company_number(int("".join(digits)))[-1] != company_number(serial)[-1]


@pytest.mark.parametrize(
    "typed", ["5835678256246", "５８３５６７８２５６２４６", "5-8356-7825-6246", "5 8356 7825 6246"]
)
def test_a_corporate_number_is_normalised(typed: str) -> None:
    assert corporate_number(typed) == "5835678256246"


@pytest.mark.parametrize("typed", ["5835678256247", "583567825624", "abc", "0835678256246"])
def test_a_wrong_corporate_number_is_refused(typed: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        corporate_number(typed)
    assert refusal.value.field == "corporate_number"
