"""What a forger does to a signed PDF, each as a function from file to file."""

from __future__ import annotations

from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer


def with_page_content(source: Path, target: Path, *, where: bytes = b"0 0 595 842 re f") -> Path:
    """The incremental-saving attack: one more revision that paints over the first page."""
    target.write_bytes(source.read_bytes())
    with target.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        page = writer.find_page_for_modification(0)[0].get_object()
        paint = writer.add_object(generic.StreamObject(stream_data=b"1 1 1 rg " + where))
        contents = page.raw_get("/Contents") if "/Contents" in page else []
        old = list(contents) if isinstance(contents, generic.ArrayObject) else [contents] if contents else []
        page[pdf_name("/Contents")] = generic.ArrayObject([*old, paint])
        writer.update_container(page)
        writer.write_in_place()
    return target


def without_signatures(source: Path, target: Path, *, keep_fields: bool = True) -> Path:
    """Signatures stripped by writing the whole file anew."""
    with source.open("rb") as stream, target.open("wb") as out:
        writer = copy_into_new_writer(PdfFileReader(stream))
        for field in writer.root["/AcroForm"]["/Fields"]:
            field.get_object().pop("/V", None)
        if not keep_fields:
            writer.root["/AcroForm"][pdf_name("/Fields")] = generic.ArrayObject()
        writer.write(out)
    return target


def with_flipped_byte(source: Path, target: Path) -> Path:
    """One bit of one byte that every signature covers."""
    data = source.read_bytes()
    target.write_bytes(flipped(data, data.index(b"/Producer") + 20))
    return target


def flipped(data: bytes, at: int) -> bytes:
    """One bit of this byte is another one."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)
