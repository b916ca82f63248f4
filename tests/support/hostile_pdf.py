"""PDFs that may not become contract documents: encrypted, with XFA, JavaScript or launch actions."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer

Change = Callable[[PdfFileWriter], None]


def action(kind: str, **entries: generic.PdfObject) -> generic.DictionaryObject:
    values = {pdf_name("/Type"): pdf_name("/Action"), pdf_name("/S"): pdf_name(kind)}
    return generic.DictionaryObject({**values, **{pdf_name(f"/{key}"): value for key, value in entries.items()}})


def rewritten(source: Path, target: Path, change: Change) -> Path:
    with source.open("rb") as stream:
        writer = copy_into_new_writer(PdfFileReader(stream))
        change(writer)
        out = io.BytesIO()
        writer.write(out)
    target.write_bytes(out.getvalue())
    return target


def javascript_on_open(writer: PdfFileWriter) -> None:
    script = action("/JavaScript", JS=generic.TextStringObject("app.alert(1)"))
    writer.root[pdf_name("/OpenAction")] = script


def launch_on_page(writer: PdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    start = action("/Launch", F=generic.TextStringObject("cmd.exe"))
    page[pdf_name("/AA")] = generic.DictionaryObject({pdf_name("/O"): writer.add_object(start)})


def xfa_form(writer: PdfFileWriter) -> None:
    form = {pdf_name("/Fields"): generic.ArrayObject(), pdf_name("/XFA"): generic.TextStringObject("<xdp/>")}
    writer.root[pdf_name("/AcroForm")] = generic.DictionaryObject(form)


def encrypted(writer: PdfFileWriter) -> None:
    writer.encrypt(owner_pass="owner", user_pass="")
