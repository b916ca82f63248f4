"""Is this upload fit to become a contract document? Rule (e): screened once, when it comes in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pypdfium2
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields

from cectrust.pades.documents import file_size, hash_into, open_reader, unreadable
from cectrust.pades.errors import DocumentRefused
from cectrust.pades.findings import REFUSALS, WARNINGS
from cectrust.pades.model import IntakeReport, PageSize, Reason
from cectrust.pades.pages import rotation, visible_box
from cectrust.pades.screening import screen
from cectrust.pades.traces import traces

MAX_DOCUMENT_BYTES = 100 * 1024 * 1024
MAX_PAGES = 5000
_MAX_AREA = 72e6
"""Square points, or nine square metres: what the second engine can hold twice at the resolution of rule (d)."""


def intake(path: Path, max_bytes: int = MAX_DOCUMENT_BYTES, max_pages: int = MAX_PAGES) -> IntakeReport:
    """Read the whole file once and report what it holds.

    Raises `DocumentRefused` for: empty, too large, too many pages, a page of more than nine square metres, not a PDF,
    broken, encrypted, XFA, JavaScript, launch action, or traces of a signature outside its fields (decision 084).
    Other hidden content is a warning in `findings`. Run it in a parser worker.
    """
    digest, size = _measure(path, max_bytes)
    with open_reader(path) as reader:
        if reader.encrypted or "/Encrypt" in reader.trailer:
            raise _refused("encrypted")
        codes = screen(reader)
        _refuse_active(codes)
        pages = _pages(reader, max_pages)
        signatures = tuple(str(name) for name, value, _ in enumerate_sig_fields(reader) if value is not None)
        if len(traces(path)) > len(signatures):
            raise _refused("signature_traces")
    _check_second_engine(path, len(pages))
    findings = tuple(Reason(code, *WARNINGS[code]) for code in sorted(codes))
    return IntakeReport(size, digest, pages, signatures, findings)


def _measure(path: Path, max_bytes: int) -> tuple[str, int]:
    """Digest and size; refuses by size and by the header before any parser runs."""
    with path.open("rb") as stream:
        size = file_size(stream)
        if size == 0:
            raise _refused("empty")
        if size > max_bytes:
            raise _refused("too_large", f"{size} > {max_bytes}", most=f"{max_bytes / 1_000_000:g}")
        if b"%PDF-" not in stream.read(1024):
            raise _refused("not_pdf")
        stream.seek(0)
        hasher = hashlib.sha256()
        hash_into(stream, size, hasher)
    return hasher.hexdigest(), size


def _refuse_active(codes: set[str]) -> None:
    for code in ("xfa", "javascript", "launch"):
        if code in codes:
            raise _refused(code)


def _pages(reader: PdfFileReader, most: int) -> tuple[PageSize, ...]:
    count = int(reader.root["/Pages"]["/Count"])
    if count <= 0:
        raise unreadable(f"{count} pages")
    if count > most:
        raise _refused("too_many_pages", f"{count} > {most}", most=most)
    return tuple(_size(reader.find_page_for_modification(index)[0].get_object()) for index in range(count))


def _size(page: object) -> PageSize:
    box = visible_box(page)
    width, height = box.right - box.left, box.top - box.bottom
    if width <= 0 or height <= 0:
        raise unreadable("page without area")
    if width * height > _MAX_AREA:
        raise _refused("page_too_large", f"{width} x {height}")
    return PageSize(width, height) if rotation(page) in (0, 180) else PageSize(height, width)


def _check_second_engine(path: Path, pages: int) -> None:
    """What is compared after signing (rule d) must be readable before: by the same engine."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise unreadable(str(error)) from error
    try:
        if len(document) != pages:
            raise unreadable("the two engines count different pages")
    finally:
        document.close()


def _refused(code: str, detail: str = "", **facts: int | str) -> DocumentRefused:
    ja, en = REFUSALS[code]
    return DocumentRefused(f"pdf_{code}", ja.format(**facts), en.format(**facts), detail)
