"""Traces of signatures in the bytes of a file, and whether they may belong to something that it only contains."""

from __future__ import annotations

import mmap
import re
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from pyhanko.pdf_utils.generic import Reference, StreamObject
from pyhanko.pdf_utils.reader import PdfFileReader

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
_STREAM = re.compile(rb"stream\r?\n")
_MAC = re.compile(rb"/(?:AuthCode|MACLocation|MAC)\b")
_AROUND = 300


@dataclass(frozen=True, slots=True)
class Trace:
    """One byte range as it is written: offset in the file, its four numbers, `mac`: whether it is a MAC's."""

    offset: int
    numbers: tuple[int, ...]
    mac: bool


def traces(path: Path) -> list[Trace]:
    """Signature dictionaries by their raw form; they never lie in object streams, their offsets must hold.

    A message authentication code (ISO/TS 32004) has a byte range too.
    """
    if not path.stat().st_size:
        return []
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return [_trace(data, found) for found in _BYTE_RANGE.finditer(data)]


def _trace(data: mmap.mmap, found: re.Match[bytes]) -> Trace:
    around = data[max(0, found.start() - _AROUND) : found.end() + _AROUND]
    numbers = tuple(int(number) for number in found.groups())
    return Trace(found.start(), numbers, _MAC.search(around) is not None)


def foreign(reader: PdfFileReader, path: Path, found: list[Trace]) -> list[Trace]:
    """Those that a MAC or an embedded file may account for, as the file's own tables tell.

    Whoever wrote the file can make a trace look like that, so it decides between an accusation and no verdict, never
    between either and a pass (decision 084).
    """
    objects = _objects(reader)
    starts = sorted(objects)
    return [one for one in found if one.mac or _in_stream(reader, path, objects, starts, one.offset)]


def _objects(reader: PdfFileReader) -> dict[int, tuple[Reference, int]]:
    """Every object of every revision by its offset, with the revision that tells it."""
    return {
        offset: (Reference(number, generation), revision)
        for revision in range(reader.xrefs.total_revisions)
        for number, (generation, offset) in reader.xrefs.get_xref_data(revision).standard_xrefs.items()
    }


def _in_stream(
    reader: PdfFileReader, path: Path, objects: dict[int, tuple[Reference, int]], starts: list[int], offset: int
) -> bool:
    place = bisect_right(starts, offset)
    if not place:
        return False
    start = starts[place - 1]
    reference, revision = objects[start]
    value = reader.get_object(reference, revision=revision)
    if not isinstance(value, StreamObject):
        return False
    with path.open("rb") as stream:
        stream.seek(start)
        keyword = _STREAM.search(stream.read(offset - start))
    return keyword is not None and offset - start - keyword.end() < len(value.encoded_data)
