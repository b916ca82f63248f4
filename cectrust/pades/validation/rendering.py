"""Rule (d): what was signed and what is shown now must look and read the same.

PDFium renders and reads both: an engine that shares no code with the one that judged the structure.
Only the signature fields that the signed revision already had are masked.
"""

from __future__ import annotations

import ctypes
import logging
import mmap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageDraw

_SCALE = 0.75  # 54 dpi: one pixel is less than half a millimetre, small print still leaves marks
_BATCH_BYTES = 8 << 20  # about so much of the file is looked at before memory is given back
_log = logging.getLogger(__name__)
_TOLERANCE = 8  # of 255: the same bytes render identically, so anything visible counts


@dataclass(frozen=True)
class Mask:
    """A signature field: page index and its corners as shares of the visible page, from the upper left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What there is to compare with the whole file: revisions by where they end, in bytes; no ends, nothing to do.

    `pages` is what the file claims, for a budget and for nothing else.
    """

    ends: tuple[int, ...] = ()
    masks: tuple[Mask, ...] = ()
    pages: int = 0


def difference(path: Path, comparison: Comparison) -> str | None:
    """Compare the signed revisions with the whole file.

    Returns `looks_different`, `text_different`, `broken` (the engine can't read one of them) or None.
    """
    try:
        return _difference(path, [path.stat().st_size, *comparison.ends], comparison.masks)
    except (OSError, MemoryError):
        raise  # the machine's fault, not the file's
    except Exception as error:  # hostile bytes make the library raise what it never promised
        _log.info("unreadable: %s", type(error).__name__)
        return "broken"


def _difference(path: Path, ends: Sequence[int], masks: Sequence[Mask]) -> str | None:
    size = ends[0]
    with ExitStack() as opened:
        counts = {len(opened.enter_context(_document(path, end))) for end in ends}
    if len(counts) > 1:
        return "looks_different"
    pages = max(counts)
    batch = max(1, pages * _BATCH_BYTES // max(size, 1))
    for first in range(0, pages, batch):
        found = _compare_batch(path, ends, range(first, min(first + batch, pages)), masks)
        if found:
            return found
    return None


def _compare_batch(path: Path, ends: Sequence[int], pages: range, masks: Sequence[Mask]) -> str | None:
    """Compare some pages, then close the documents: PDFium keeps every scan it has ever decoded."""
    with ExitStack() as opened:
        final, *signed = [opened.enter_context(_document(path, end)) for end in ends]
        for index in pages:
            found = _compare_page(index, final, signed, [mask for mask in masks if mask.page == index])
            if found:
                return found
    return None


@contextmanager
def _document(path: Path, length: int) -> Iterator[pypdfium2.PdfDocument]:
    """The first `length` bytes of the file as a document; mapped, so that an earlier revision is no copy."""
    with path.open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), length, access=mmap.ACCESS_COPY)
    document = pypdfium2.PdfDocument((ctypes.c_char * length).from_buffer(mapped))
    try:
        document.init_forms()
        yield document
    finally:
        document.close()
        mapped.madvise(mmap.MADV_DONTNEED)


def _compare_page(
    index: int, final: pypdfium2.PdfDocument, signed: Sequence[pypdfium2.PdfDocument], masks: Sequence[Mask]
) -> str | None:
    text, picture = _shown(final, index)
    for revision in signed:
        other_text, other_picture = _shown(revision, index)
        if other_text != text:
            return "text_different"
        if _differs(other_picture, picture, masks):
            return "looks_different"
    return None


def _shown(document: pypdfium2.PdfDocument, index: int) -> tuple[str, pypdfium2.PdfBitmap]:
    """Text and picture of a page that is parsed once, because parsing a scan costs as much as its text."""
    page = document[index]
    try:
        return _text(page), page.render(scale=_SCALE)
    finally:
        page.close()


def _text(page: pypdfium2.PdfPage) -> str:
    text_page = page.get_textpage()
    try:
        return str(text_page.get_text_range())
    finally:
        text_page.close()


def _differs(one: pypdfium2.PdfBitmap, other: pypdfium2.PdfBitmap, masks: Sequence[Mask]) -> bool:
    """Equal bytes show the same; only of others is it asked where they differ, and how much."""
    if (one.width, one.height) != (other.width, other.height):
        return True
    if bytes(one.buffer) == bytes(other.buffer):
        return False
    histogram = ImageChops.difference(_masked(one, masks), _masked(other, masks)).histogram()
    return any(histogram[_TOLERANCE:])


def _masked(bitmap: pypdfium2.PdfBitmap, masks: Sequence[Mask]) -> Image.Image:
    picture: Image.Image = bitmap.to_pil().convert("L")
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
