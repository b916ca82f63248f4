"""Where the pre-created signature fields lie, for the comparison of rule (d)."""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.fields import enumerate_sig_fields

from cectrust.pades.pages import rotation, visible_box
from cectrust.pades.validation.rendering import Mask

_MAX_PAGES = 5000


def field_masks(revision: PdfHandler) -> list[Mask]:
    """Masks of all signature fields that exist in `revision` and are shown on a page."""
    pages = {id_of: index for index, id_of in enumerate(_page_ids(revision.root["/Pages"]))}
    masks = []
    for _, _, reference in enumerate_sig_fields(revision):
        widget = reference.get_object()
        if "/Rect" in widget and "/P" in widget:
            index = pages.get(widget.raw_get("/P").idnum)
            if index is not None:
                masks.append(_mask(index, widget["/P"], widget["/Rect"]))
    return masks


def _page_ids(node: Any, depth: int = 0) -> list[int]:
    """Object numbers of the page objects below a node of the page tree, in page order."""
    if depth > 64:
        raise ValueError("page tree too deep")
    ids: list[int] = []
    kids = node["/Kids"]
    for position in range(len(kids)):
        reference = kids.raw_get(position)
        kid = reference.get_object()
        ids += _page_ids(kid, depth + 1) if "/Kids" in kid else [reference.idnum]
        if len(ids) > _MAX_PAGES:
            raise ValueError("too many pages")
    return ids


def _mask(index: int, page: Any, rect: Any) -> Mask:
    box = visible_box(page)
    x0, y0, x1, y1 = (float(value) for value in rect)
    width, height = box.right - box.left, box.top - box.bottom
    left, right = sorted(((x0 - box.left) / width, (x1 - box.left) / width))
    low, high = sorted(((y0 - box.bottom) / height, (y1 - box.bottom) / height))
    return Mask(index, *_turned(rotation(page), left, 1 - high, right, 1 - low))


def _turned(turn: int, left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    """Shares of the unrotated page to shares of the page as displayed (clockwise rotation)."""
    if turn == 90:
        return 1 - bottom, left, 1 - top, right
    if turn == 180:
        return 1 - right, 1 - bottom, 1 - left, 1 - top
    if turn == 270:
        return top, 1 - right, bottom, 1 - left
    return left, top, right, bottom
