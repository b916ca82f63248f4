"""What the renderer hands out stays as large as a window can hold."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import byterange_cases
import pytest
from cectrust_bridge.documents import byterange
from cectrust_bridge.documents.received import Receiver
from cectrust_bridge.documents.renderer import Page, Renderer, Zoom
from cectrust_bridge.documents.rendering import MAX_PIXELS, MAX_SIDE
from cectrust_bridge.requests.request import Document


@pytest.mark.parametrize("sides", [(14400, 14400), (14400, 3), (3, 14400)])
def test_a_huge_or_thin_page_is_rendered_within_bounds(sides: tuple[int, int], tmp_path: Path) -> None:
    for page in asyncio.run(rendered(of_size(sides), tmp_path)):
        # A side is rounded up to a whole pixel.
        assert page.width * page.height <= MAX_PIXELS + page.width + page.height
        assert max(page.width, page.height) <= MAX_SIDE + 1
        assert len(page.rgb) == page.width * page.height * 3


def of_size(sides: tuple[int, int]) -> bytes:
    parts = byterange_cases.objects(byterange_cases.signature())
    parts[2] = parts[2].replace(b"595 842", b"%d %d" % sides)
    return byterange_cases.fill(byterange_cases.serialise(list(enumerate(parts, 1))))


async def rendered(pdf: bytes, folder: Path) -> list[Page]:
    """The only page at four times its size, and as wide as a window."""
    claims = Document("doc-1", hashlib.sha256(pdf).hexdigest(), len(pdf), "t", "p", None, None, 1)
    receiver, renderer = Receiver([claims], folder), Renderer()
    receiver.take(pdf)
    try:
        await renderer.start()
        await renderer.open(receiver.complete()[0], byterange.locate(pdf))
        return [await renderer.page(0, 0, zoom) for zoom in (Zoom(scale=4.0), Zoom(width=1000))]
    finally:
        renderer.close()
        receiver.close()
