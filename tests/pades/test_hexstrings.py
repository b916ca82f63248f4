"""The quick reader of hex strings answers exactly what the library's own answers."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from cectrust.pades.hexstrings import _original, read_hex_string


def outcome(reader: object, data: bytes) -> tuple[object, ...]:
    stream = io.BytesIO(data)
    try:
        value = reader(stream)  # type: ignore[operator]
    except (PdfError, ValueError) as error:
        return (type(error), str(error))
    return (type(value), value.original_bytes, stream.tell())


@given(st.text("0123456789abcdefABCDEF> \n%gz<", max_size=40).map(lambda text: b"<" + text.encode()))
def test_both_readers_agree_on_anything(data: bytes) -> None:
    assert outcome(read_hex_string, data) == outcome(_original, data)


@pytest.mark.parametrize("size", [0, 1, 8192, 40_000])
def test_both_readers_agree_on_values_of_any_length(size: int) -> None:
    data = b"<" + bytes(n % 251 for n in range(size)).hex().encode() + b"> /Next"
    assert outcome(read_hex_string, data) == outcome(_original, data)


def test_the_library_uses_the_quick_one() -> None:
    assert generic.read_hex_string_from_stream is read_hex_string
