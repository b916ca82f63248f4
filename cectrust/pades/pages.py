"""Geometry of a page: where its visible bottom is, whatever its boxes and rotation (ISO 32000-2, 14.11.2)."""

from __future__ import annotations

from typing import Any

from cectrust.pades.model import Rectangle

_SEAL = 48.0  # points; a personal seal of 12 to 18 mm on paper
_MARGIN = 24.0
_MAX_DEPTH = 64
_A4 = (0.0, 0.0, 595.0, 842.0)


def inherited(page: Any, key: str) -> Any:
    """Return a page attribute, looked up through the page tree; None where nobody sets it."""
    for _ in range(_MAX_DEPTH):
        if key in page:
            return page[key]
        if "/Parent" not in page:
            return None
        page = page["/Parent"]
    raise ValueError("page tree too deep")


def visible_box(page: Any) -> Rectangle:
    """Return the crop box, else the media box, in user space, corners in order."""
    box = inherited(page, "/CropBox") or inherited(page, "/MediaBox") or _A4
    x0, y0, x1, y1 = (float(value) for value in box)
    return Rectangle(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def rotation(page: Any) -> int:
    """Return the clockwise rotation in display: 0, 90, 180 or 270 degrees."""
    return int(inherited(page, "/Rotate") or 0) % 360


def margin_slots(page: Any, count: int) -> list[Rectangle]:
    """Return `count` squares in a row at the bottom margin as the reader sees it, in user space."""
    box, turn = visible_box(page), rotation(page)
    width = box.right - box.left if turn in (0, 180) else box.top - box.bottom
    pitch = (width - 2 * _MARGIN) / count
    side = max(8.0, min(_SEAL, pitch - 4.0))
    return [_to_user_space(box, turn, _MARGIN + index * pitch, _MARGIN / 2, side) for index in range(count)]


def _to_user_space(box: Rectangle, turn: int, x: float, y: float, side: float) -> Rectangle:
    """Map a square given from the visible lower left corner back through the page's rotation."""
    if turn == 90:
        return Rectangle(box.right - y - side, box.bottom + x, box.right - y, box.bottom + x + side)
    if turn == 180:
        return Rectangle(box.right - x - side, box.top - y - side, box.right - x, box.top - y)
    if turn == 270:
        return Rectangle(box.left + y, box.top - x - side, box.left + y + side, box.top - x)
    return Rectangle(box.left + x, box.bottom + y, box.left + x + side, box.bottom + y + side)
