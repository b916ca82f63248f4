"""Signature fields of all parties, created before the first signature (ISO 32000-2, 12.7.5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
    enumerate_sig_fields,
)

from cectrust.pades.documents import append_revision, open_reader
from cectrust.pades.errors import FieldRefused
from cectrust.pades.model import FieldSlot
from cectrust.pades.pages import margin_slots

MAX_PARTIES = 10


def place_slots(source: Path, names: Sequence[str]) -> tuple[FieldSlot, ...]:
    """Return one slot per name (1-10 parties), side by side in the bottom margin of the last page.

    Raises `DocumentRefused` when the file can't be read.
    """
    if not 1 <= len(names) <= MAX_PARTIES:
        raise _refused("party_count", "署名欄は1から10までです。", "There must be 1 to 10 signature fields.")
    with open_reader(source) as reader:
        last = int(reader.root["/Pages"]["/Count"]) - 1
        page = reader.find_page_for_modification(last)[0].get_object()
        rectangles = margin_slots(page, len(names))
    return tuple(FieldSlot(name, last, box) for name, box in zip(names, rectangles, strict=True))


def add_fields(source: Path, target: Path, slots: Sequence[FieldSlot]) -> None:
    """Write `source` plus one revision holding an empty signature field for each slot to `target`.

    The last slot carries a lock over all fields with "no changes allowed". Raises `FieldRefused`
    for double or existing names, and when the document already carries a signature.
    """
    with append_revision(source, target) as writer:
        _check_names(writer, [slot.name for slot in slots])
        for slot in slots:
            append_signature_field(writer, _field_spec(slot, locks=slot is slots[-1]))
        writer.write_in_place()


def _check_names(writer: IncrementalPdfFileWriter, names: list[str]) -> None:
    existing = list(enumerate_sig_fields(writer))
    if any(value is not None for _, value, _ in existing):
        raise _refused(
            "already_signed",
            "すでに電子署名されているPDFには署名欄を追加できません。",
            "A signed PDF can't take new signature fields.",
        )
    if existing:
        raise _refused(
            "has_fields",
            "このPDFにはすでに署名欄があります。署名欄のないPDFを登録してください。",
            "The PDF already has signature fields; register one without.",
        )
    if not names or len(set(names)) != len(names) or any("." in name or not name for name in names):
        raise _refused("field_names", "署名欄の名前が正しくありません。", "The names of the fields are not usable.")


def _field_spec(slot: FieldSlot, locks: bool) -> SigFieldSpec:
    box = slot.rectangle
    return SigFieldSpec(
        slot.name,
        on_page=slot.page,
        box=(box.left, box.bottom, box.right, box.top),
        field_mdp_spec=FieldMDPSpec(FieldMDPAction.ALL) if locks else None,
        doc_mdp_update_value=MDPPerm.NO_CHANGES if locks else None,
    )


def _refused(code: str, ja: str, en: str) -> FieldRefused:
    return FieldRefused(code, ja, en)
