"""The renderer process: foreign PDF bytes in, pixels and facts out. No network, no programs, no writing, no PIN.

pdfium is another reading of the same bytes than `byterange`; its view of the signatures must agree.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import mmap
import os
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from ..processes.channel import Channel, ChannelClosed, Message
from ..processes.sandbox import confine

MAX_PIXELS = 8_200_000
MAX_SIDE = 16_000
MAX_TEXT = 20_000
MAX_CONTENTS = 1 << 20


class Opened:
    """A document pdfium has open, with the memory it reads from."""

    def __init__(self, descriptor: int) -> None:
        # A private mapping: ctypes wants one that is writable, the sealed file stays as it is.
        octets = mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY)
        os.close(descriptor)
        self._memory = (ctypes.c_char * len(octets)).from_buffer(octets)
        self.pdf = pypdfium2.PdfDocument(self._memory)

    def close(self) -> None:
        """Give pdfium's memory and the mapping back."""
        self.pdf.close()


class Table:
    """Room for one document: the person reads one at a time, and two hundred open ones would fill the memory."""

    def __init__(self) -> None:
        self._number = -1
        self._opened: Opened | None = None

    def lay(self, number: int, descriptor: int) -> Opened:
        """Document `number`, opened if it is not the one that lies here."""
        if self._opened is not None and self._number == number:
            os.close(descriptor)
            return self._opened
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._opened, self._number = Opened(descriptor), number
        return self._opened


def _byte_range(signature: Any) -> list[int]:
    length = pdfium.FPDFSignatureObj_GetByteRange(signature, None, 0)
    numbers = (ctypes.c_int * min(length, 64))()
    pdfium.FPDFSignatureObj_GetByteRange(signature, numbers, len(numbers))
    return list(numbers)


def _is_empty(signature: Any) -> bool:
    length = min(pdfium.FPDFSignatureObj_GetContents(signature, None, 0), MAX_CONTENTS)
    contents = ctypes.create_string_buffer(length or 1)
    pdfium.FPDFSignatureObj_GetContents(signature, contents, length)
    return not contents.raw.strip(b"\0")


def _signatures(pdf: pypdfium2.PdfDocument) -> list[dict[str, Any]]:
    count = max(pdfium.FPDF_GetSignatureCount(pdf.raw), 0)
    objects = [pdfium.FPDF_GetSignatureObject(pdf.raw, index) for index in range(min(count, 200))]
    return [{"byte_range": _byte_range(each), "empty": _is_empty(each)} for each in objects]


def _facts(pdf: pypdfium2.PdfDocument) -> dict[str, Any]:
    return {"pages": len(pdf), "signatures": _signatures(pdf)}


def _scale(page: pypdfium2.PdfPage, scale: float, wanted_width: int | None) -> float:
    """As wanted, but no more pixels than a window can hold, however huge or narrow the page is."""
    width, height = (max(side, 1) for side in page.get_size())
    wanted = scale if wanted_width is None else wanted_width / width
    return float(min(wanted, (MAX_PIXELS / (width * height)) ** 0.5, MAX_SIDE / max(width, height)))


def _text(page: pypdfium2.PdfPage) -> str:
    text_page = page.get_textpage()
    text: str = text_page.get_text_range(count=min(text_page.count_chars(), MAX_TEXT), errors="replace")
    return text


def _page(pdf: pypdfium2.PdfDocument, index: int, scale: float, width: int | None) -> tuple[dict[str, Any], bytes]:
    """Pixels as RGB rows without padding, top first; `pixels` is their SHA-256."""
    page = pdf[index]
    image = page.render(scale=_scale(page, scale, width)).to_pil().convert("RGB")
    rgb = image.tobytes()
    facts = {"width": image.width, "height": image.height, "pixels": hashlib.sha256(rgb).hexdigest()}
    text = _text(page)
    page.close()
    return {**facts, "text": text}, rgb


def _act(table: Table, message: Message) -> tuple[dict[str, Any], bytes]:
    wanted = message.fields
    opened = table.lay(wanted["document"], message.descriptors[0])
    if wanted["do"] == "open":
        return _facts(opened.pdf), b""
    return _page(opened.pdf, wanted["page"], wanted["scale"], wanted["width"])


def main(channel: Channel) -> None:
    """Confine itself, then serve until the parent goes."""
    channel.send({"confined": confine()})
    table = Table()
    with contextlib.suppress(ChannelClosed):
        while True:
            message = channel.receive()
            try:
                fields, blob = _act(table, message)
            except (pypdfium2.PdfiumError, ValueError, MemoryError, OSError, IndexError) as error:
                fields, blob = {"error": type(error).__name__}, b""
            channel.send(fields, blob)
