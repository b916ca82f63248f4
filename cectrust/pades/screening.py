"""Search a PDF's whole object graph for hidden and active content.

What to look for follows the published shadow attacks (Mainka, Mladenov, Rohlmann: "Shadow Attacks",
NDSS 2021): content that is in the file, isn't seen, and can be brought up after signing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

_MAX_VALUES = 5_000_000
_WHOLE_FONT_BYTES = 64 * 1024
_SUBSET_TAG = re.compile(r"^/?[A-Z]{6}\+")
_ACTIONS = {
    "/JavaScript": "javascript",
    "/Launch": "launch",
    "/SubmitForm": "submit_action",
    "/ImportData": "submit_action",
    "/GoToR": "external_reference",
    "/GoToE": "external_reference",
    "/Thread": "external_reference",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
}
_KEYS = {
    "/JS": "javascript",
    "/XFA": "xfa",
    "/EF": "embedded_file",
    "/EmbeddedFiles": "embedded_file",
    "/OCProperties": "optional_content",
    "/OPI": "external_reference",
    "/RichMediaContent": "media",
    "/3DD": "media",
}
_HARMLESS_ANNOTATIONS = frozenset({"/Link", "/Widget", "/Popup", "/PrinterMark", "/TrapNet"})


def screen(reader: PdfFileReader) -> set[str]:
    """Return the codes of everything found (`findings.WARNINGS`, `findings.REFUSALS`).

    Raises the library's parse errors where reachable objects can't be read.
    """
    codes: set[str] = set()
    seen: set[tuple[int, int]] = set()
    widgets: set[tuple[int, int]] = set()
    trailer = reader.trailer.flatten()
    for reference, value in _walk(reader, trailer, seen):
        if isinstance(value, generic.DictionaryObject):
            codes |= _judge(value)
            if value.get("/Subtype") == "/Widget" and reference is not None:
                widgets.add(reference)
    if widgets - _form_objects(reader):
        codes.add("orphan_widget")
    codes |= _unreferenced(reader, seen)
    return codes


def _walk(
    reader: PdfFileReader, start: Any, seen: set[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int] | None, Any]]:
    """Every value below `start`, each indirect object once, with its own reference where it has one."""
    stack: list[tuple[tuple[int, int] | None, Any]] = [(None, start)]
    visited = 0
    while stack:
        reference, value = stack.pop()
        visited += 1
        if visited > _MAX_VALUES:
            raise ValueError("too many objects")
        if isinstance(value, generic.IndirectObject):
            key = (value.generation, value.idnum)
            if key not in seen:
                seen.add(key)
                stack.append((key, _load(reader, value)))
            continue
        yield reference, value
        stack.extend((None, child) for child in _children(value))


def _load(reader: PdfFileReader, reference: Any) -> Any:
    """Read an object without leaving it in the reader's cache: streams may be 100 MB."""
    target = reference.reference if isinstance(reference, generic.IndirectObject) else reference
    value = reader.get_object(target)
    if isinstance(value, generic.StreamObject):
        reader.resolved_objects.pop((target.generation, target.idnum), None)
    return value


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, generic.DictionaryObject):
        for key in value:
            yield value.raw_get(key)
    elif isinstance(value, generic.ArrayObject):
        for index in range(len(value)):
            yield value.raw_get(index)


def _judge(value: generic.DictionaryObject) -> set[str]:
    codes = {code for key, code in _KEYS.items() if key in value}
    action = value.get("/S")
    if isinstance(action, str) and action in _ACTIONS and value.get("/Type", "/Action") == "/Action":
        codes.add(_ACTIONS[action])
    if isinstance(value, generic.StreamObject) and "/F" in value:
        codes.add("external_reference")
    if _overlays(value):
        codes.add("overlay_annotation")
    if value.get("/Type") == "/Font" and _odd_font(value):
        codes.add("odd_font")
    return codes


def _overlays(value: generic.DictionaryObject) -> bool:
    if "/Rect" not in value or "/Subtype" not in value:
        return False
    return value.get("/Type", "/Annot") == "/Annot" and value["/Subtype"] not in _HARMLESS_ANNOTATIONS


def _odd_font(font: generic.DictionaryObject) -> bool:
    """A composite font whose names disagree (ISO 32000-2 table 119), or a big font that isn't a subset."""
    if font.get("/Subtype") != "/Type0" or "/DescendantFonts" not in font:
        return False
    descendant = font["/DescendantFonts"][0]
    name, below = str(font.get("/BaseFont", "")), str(descendant.get("/BaseFont", ""))
    if descendant.get("/Subtype") == "/CIDFontType2" and name != below:
        return True
    return not _SUBSET_TAG.match(below) and _program_length(descendant) > _WHOLE_FONT_BYTES


def _program_length(descendant: generic.DictionaryObject) -> int:
    descriptor = descendant.get("/FontDescriptor", {})
    for key in ("/FontFile2", "/FontFile3", "/FontFile"):
        if key in descriptor:
            return int(descriptor[key].get("/Length", 0))
    return 0


def _form_objects(reader: PdfFileReader) -> set[tuple[int, int]]:
    """References of all fields and widgets below /AcroForm."""
    seen: set[tuple[int, int]] = set()
    root = reader.root
    if "/AcroForm" in root and "/Fields" in root["/AcroForm"]:
        _collect_fields(root["/AcroForm"].raw_get("/Fields"), seen)
    return seen


def _collect_fields(value: Any, seen: set[tuple[int, int]]) -> None:
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, generic.IndirectObject):
            key = (value.generation, value.idnum)
            if key in seen:
                continue
            seen.add(key)
            value = value.get_object()
        if isinstance(value, generic.ArrayObject):
            stack.extend(value.raw_get(index) for index in range(len(value)))
        elif isinstance(value, generic.DictionaryObject) and "/Kids" in value:
            stack.append(value.raw_get("/Kids"))


def _unreferenced(reader: PdfFileReader, seen: set[tuple[int, int]]) -> set[str]:
    """Look at objects that the cross-reference tables list and nothing reaches."""
    codes: set[str] = set()
    for revision in range(reader.xrefs.total_revisions):
        for reference in reader.xrefs.explicit_refs_in_revision(revision):
            if (reference.generation, reference.idnum) in seen:
                continue
            try:
                value = _load(reader, reference)
            except (PdfError, ValueError, KeyError):
                codes.add("unreadable_object")
                continue
            if isinstance(value, generic.DictionaryObject) and value.get("/Type") in ("/Page", "/Catalog"):
                codes.add("unreferenced_page")
    return codes
