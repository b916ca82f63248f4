"""Contracts of the three sizes that are measured: 30 KB, 5 MB with 50 pages, 100 MB."""

from __future__ import annotations

import random
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

SEED = 20261123
CASES = {"30 KB": (1, 30_000), "5 MB, 50 pages": (50, 5_000_000), "100 MB": (20, 99_900_000)}
"""By size: pages and bytes of scans. The largest stays within the default upload limit, its structure included."""


def make_document(path: Path, pages: int, size: int) -> Path:
    """Write a PDF of about `size` bytes: every page shows its number as text and a scan that doesn't compress."""
    noise = random.Random(SEED)  # noqa: S311
    writer = PdfFileWriter(stream_xrefs=False)
    for number in range(pages):
        _add_page(writer, number, noise.randbytes(size // pages))
    with path.open("wb") as stream:
        writer.write(stream)
    return path


def _add_page(writer: PdfFileWriter, number: int, samples: bytes) -> None:
    width = 1000 if len(samples) > 100_000 else 100
    rows = len(samples) // width
    image = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): generic.NumberObject(width),
            pdf_name("/Height"): generic.NumberObject(rows),
            pdf_name("/ColorSpace"): pdf_name("/DeviceGray"),
            pdf_name("/BitsPerComponent"): generic.NumberObject(8),
        },
        stream_data=samples[: rows * width],
    )
    font = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/Type1"),
            pdf_name("/BaseFont"): pdf_name("/Helvetica"),
        }
    )
    text = b"BT /F1 12 Tf 72 780 Td (Article %d) Tj ET q 400 0 0 400 90 300 cm /Scan Do Q" % (number + 1)
    resources = generic.DictionaryObject(
        {
            pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F1"): writer.add_object(font)}),
            pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Scan"): writer.add_object(image)}),
        }
    )
    contents = writer.add_object(generic.StreamObject(stream_data=text))
    writer.insert_page(PageObject(contents=contents, media_box=(0, 0, 595, 842), resources=resources))
