"""Signature fields of all parties, created before the first signature (ISO 32000-2, 12.7.5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cectrust.pades.model import FieldSlot


def place_slots(source: Path, names: Sequence[str]) -> tuple[FieldSlot, ...]:
    """Return one slot per name (2-10 parties), side by side in the bottom margin of the last page.

    Raises `DocumentRefused` when the file can't be read.
    """
    raise NotImplementedError


def add_fields(source: Path, target: Path, slots: Sequence[FieldSlot]) -> None:
    """Write `source` plus one revision holding an empty signature field for each slot to `target`.

    The last slot carries a lock over all fields with "no changes allowed". Raises `FieldRefused`
    for double or existing names, and when the document already carries a signature.
    """
    raise NotImplementedError
