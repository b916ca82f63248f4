"""The parent's side of the renderer: opens documents there, doubts its answers, kills it when it hangs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import HashMismatch, MalformedPdf
from ..processes.channel import ChannelClosed, Message
from ..processes.process import Child
from .byterange import ByteRange
from .errors import NotConfined
from .received import ReceivedDocument

START_TIMEOUT = 15.0
PAGE_TIMEOUT = 20.0
MAX_SIDE = 20_000
FRESH_AFTER = 250
"""Questions after which a new process takes over, long before the old one's limits on time and memory."""


@dataclass(frozen=True)
class Zoom:
    """How large a page is wanted: so many pixels wide, else `scale`, where 1 is 72 dpi."""

    scale: float = 1.0
    width: int | None = None


@dataclass(frozen=True)
class Page:
    """One rendered page: RGB rows, top first, and the text pdfium found on it."""

    width: int
    height: int
    rgb: bytes
    pixels_sha256: str
    text: str


class Renderer:
    """Reads the documents of one request in a process of its own, one at a time."""

    def __init__(self) -> None:
        self._child = Child("renderer")
        self._documents: list[ReceivedDocument] = []
        self._asked = 0

    async def start(self) -> None:
        """Wait until it has confined itself. NotConfined where Linux does not let it: foreign bytes stay unread."""
        try:
            confined = bool((await self._child.receive(START_TIMEOUT)).fields["confined"])
        except (TimeoutError, ChannelClosed, KeyError) as error:
            self.close()
            raise MalformedPdf("the renderer did not start") from error
        if sys.platform == "linux" and not confined:
            self.close()
            raise NotConfined("neither a filter of system calls nor a network namespace")

    async def open(self, document: ReceivedDocument, byte_range: ByteRange) -> int:
        """Open a document and compare readings; the number of earlier signatures."""
        self._documents.append(document)
        answer = await self._ask({"do": "open"}, len(self._documents) - 1)
        facts = answer.fields
        if facts.get("pages") != document.claims.pages:
            raise HashMismatch("another number of pages", document=document.claims.id)
        # pdfium counts fields that hold no signature yet, too; they have no byte range.
        signatures = [each for each in facts["signatures"] if each["byte_range"]]
        expected = [0, byte_range.gap_start, byte_range.gap_end, byte_range.size - byte_range.gap_end]
        if [each["byte_range"] for each in signatures if each["empty"]] != [expected]:
            raise MalformedPdf("the renderer reads other signatures", document=document.claims.id)
        return len(signatures) - 1

    async def page(self, document: int, page: int, zoom: Zoom) -> Page:
        """Page `page` (from 0) of the `document`-th opened."""
        if not 0 <= document < len(self._documents):
            raise MalformedPdf("no such document")
        command = {"do": "page", "page": page, "scale": zoom.scale, "width": zoom.width}
        answer = await self._ask(command, document)
        return _page(answer.fields, answer.blob, self._documents[document])

    def is_alive(self) -> bool:
        """Could it still render?"""
        return self._child.is_alive()

    def discard(self) -> None:
        """End it unused."""
        self.close()

    def close(self) -> None:
        """End the process."""
        self._child.kill()
        self._child.close()

    async def _ask(self, command: Mapping[str, Any], number: int) -> Message:
        """The document goes along with every question: a process knows nothing of the ones before it."""
        await self._stay_fresh()
        document = self._documents[number]
        try:
            answer = await self._child.ask({**command, "document": number}, PAGE_TIMEOUT, [document.descriptor])
        except (TimeoutError, ChannelClosed) as error:
            self.close()
            raise MalformedPdf("the renderer hung or crashed", document=document.claims.id) from error
        if "error" in answer.fields:
            raise MalformedPdf(f"not rendered: {answer.fields['error']}", document=document.claims.id)
        return answer

    async def _stay_fresh(self) -> None:
        if self._asked == FRESH_AFTER:
            self.close()
            self._child, self._asked = Child("renderer"), 0
            await self.start()
        self._asked += 1


def _page(fields: Mapping[str, Any], rgb: bytes, document: ReceivedDocument) -> Page:
    """The renderer has touched foreign bytes, so that its answers are foreign too."""
    width, height = fields.get("width"), fields.get("height")
    sizes_are_sane = all(type(side) is int and 0 < side <= MAX_SIDE for side in (width, height))
    if not sizes_are_sane or len(rgb) != width * height * 3:  # type: ignore[operator]
        raise MalformedPdf("the renderer answered nonsense", document=document.claims.id)
    return Page(int(fields["width"]), int(fields["height"]), rgb, str(fields["pixels"]), str(fields["text"]))
