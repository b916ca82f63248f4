"""The visible seal draws a name's letters whole, whatever register it comes from."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageChops

from cectrust.sdk.errors import InputRefused
from cectrust.signing.seal import SIDE, seal_image

PLAIN, OF_THE_REGISTER, OF_NO_FONT = "渡邊", "渡邊\U000e010b", "渡邊\U000e0101"


def picture(name: str) -> Image.Image:
    with Image.open(io.BytesIO(seal_image(name).png)) as image:
        return image.convert("RGBA").getchannel("A")


def test_a_variation_sequence_is_one_letter_and_draws_its_own_form() -> None:
    changed = ImageChops.difference(picture(PLAIN), picture(OF_THE_REGISTER)).getbbox()
    assert changed is not None, "the selector changed nothing"
    assert changed[1] > SIDE / 2 - 10, "渡 stays where it is: two letters, not three"


def test_a_sequence_that_only_stands_for_the_plain_form_draws_that() -> None:
    assert picture("渡邊\U000e0100").tobytes() == picture(PLAIN).tobytes()


def test_a_letter_without_a_glyph_is_named_by_its_code_and_its_person_can_sign() -> None:
    assert ImageChops.difference(picture(PLAIN), picture(OF_NO_FONT)).getbbox() is not None
    assert picture(OF_NO_FONT).tobytes() != picture("渡邊\U000e0102").tobytes()


@pytest.mark.parametrize("name", ["山田　太郎", "山田\u200b太郎", " 山田太郎"])
def test_spaces_and_what_nobody_sees_take_no_place(name: str) -> None:
    assert picture(name).tobytes() == picture("山田太郎").tobytes()


@pytest.mark.parametrize("name", ["", " ", "　", "\u200b"])
def test_a_certificate_without_a_name_gives_no_seal(name: str) -> None:
    with pytest.raises(InputRefused) as refused:
        seal_image(name)
    assert refused.value.code == "holder_nameless"


def test_long_names_of_variants_are_cut_between_letters() -> None:
    assert picture("邊\U000e010b" * 9).tobytes() == picture("邊\U000e010b" * 8).tobytes()
