"""Rule (d): what was signed and what is shown now must look and read the same.

PDFium renders and reads both: an engine that shares no code with the one that judged the structure.
Only the signature fields that the signed revision already had are masked.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

_SCALE = 0.75  # 54 dpi: one pixel is less than half a millimetre, small print still leaves marks
_TOLERANCE = 8  # of 255: the same bytes render identically, so anything visible counts


@dataclass(frozen=True)
class Mask:
    """A signature field: page index and its corners as shares of the visible page, from the upper left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


class _Revision(io.RawIOBase):
    """The first `length` bytes of a file, as a file: an earlier revision without copying it."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream, self._length, self._at = stream, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = (0, self._at, self._length)[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._stream.seek(self._at)
        chunk = self._stream.read(max(0, min(len(buffer), self._length - self._at)))
        buffer[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)


def difference(path: Path, lengths: Sequence[int], masks: Sequence[Mask]) -> str | None:
    """Compare the revisions that end at `lengths` with the whole file.

    Returns `looks_different`, `text_different` or None. Raises `pypdfium2.PdfiumError` when unreadable.
    """
    with _document(path, path.stat().st_size) as final:
        for length in sorted(set(lengths)):
            with _document(path, length) as signed:
                found = _compare(signed, final, masks)
            if found:
                return found
    return None


@contextmanager
def _document(path: Path, length: int) -> Iterator[pypdfium2.PdfDocument]:
    with path.open("rb") as stream:
        document = pypdfium2.PdfDocument(_Revision(stream, length))
        try:
            document.init_forms()
            yield document
        finally:
            document.close()


def _compare(signed: pypdfium2.PdfDocument, final: pypdfium2.PdfDocument, masks: Sequence[Mask]) -> str | None:
    if len(signed) != len(final):
        return "looks_different"
    for index in range(len(final)):
        if _text(signed, index) != _text(final, index):
            return "text_different"
        fields = [mask for mask in masks if mask.page == index]
        if _differs(_picture(signed, index, fields), _picture(final, index, fields)):
            return "looks_different"
    return None


def _text(document: pypdfium2.PdfDocument, index: int) -> str:
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            return str(text_page.get_text_range())
        finally:
            text_page.close()
    finally:
        page.close()


def _picture(document: pypdfium2.PdfDocument, index: int, masks: Sequence[Mask]) -> Image.Image:
    page = document[index]
    try:
        picture: Image.Image = page.render(scale=_SCALE).to_pil().convert("L")
    finally:
        page.close()
    draw = ImageDraw.Draw(picture)
    for mask in masks:
        box = (
            mask.left * picture.width - 2,
            mask.top * picture.height - 2,
            mask.right * picture.width + 2,
            mask.bottom * picture.height + 2,
        )
        draw.rectangle(box, fill=0)
    return picture


def _differs(one: Image.Image, other: Image.Image) -> bool:
    if one.size != other.size:
        return True
    histogram = ImageChops.difference(one, other).histogram()
    return any(histogram[_TOLERANCE:])
