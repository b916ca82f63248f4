"""Finds the one empty prepared signature in a PDF, strictly, without a PDF library (PROTOCOL.md section 7).

ISO 32000-2 section 12.8.1: /ByteRange names what is digested; here that must be all but its own /Contents.
"""

from __future__ import annotations

import hashlib
import mmap
import re
from dataclasses import dataclass

from ..errors import MalformedPdf

Octets = bytes | mmap.mmap
WHITE = rb"[\x09\x0a\x0c\x0d\x20]"
END_OF_NAME = rb"(?=[\x00\x09\x0a\x0c\x0d\x20()<>\[\]{}/%])"
NAME = re.compile(rb"/ByteRange")
ARRAY = re.compile(rb"/ByteRange" + WHITE + rb"*\[" + WHITE + rb"*0" + (WHITE + rb"+(\d{1,10})") * 3 + WHITE + rb"*\]")
CONTENTS_BEFORE = re.compile(rb"/Contents" + WHITE + rb"*\Z")
HEX_DIGITS = b"0123456789ABCDEFabcdef"
OBJECT_START = re.compile(rb"(?:^|[\r\n\x20])(\d{1,10} \d{1,5} obj)" + END_OF_NAME)
SUBFILTER = re.compile(rb"/SubFilter" + WHITE + rb"*/ETSI\.CAdES\.detached" + END_OF_NAME)
HEADER = re.compile(rb"%PDF-[12]\.")
TRAILER = re.compile(rb"%%EOF(?:\r\n|\r|\n)?\Z")
MAX_SIGNATURES = 100
MAX_GAP = 1 << 20
"""Octets of one `/Contents` with its brackets; a server reserves some ten thousand."""
MAX_DICTIONARY = 65536
"""Octets of the signature's object before its first and behind its last of `/ByteRange` and `/Contents`."""


@dataclass(frozen=True)
class ByteRange:
    """[0, gap_start) and [gap_end, size) are digested; offsets in octets; the gap is `<` hex digits `>`."""

    gap_start: int
    gap_end: int
    size: int

    def digest(self, octets: Octets, algorithm: str) -> bytes:
        """Message digest over the two ranges; `algorithm` is sha256 or sha384."""
        hashing = hashlib.new(algorithm)
        with memoryview(octets) as view:
            for part in (view[: self.gap_start], view[self.gap_end : self.size]):
                hashing.update(part)
                part.release()
        return hashing.digest()


@dataclass(frozen=True)
class _Signature:
    at: int
    gap_start: int
    gap_end: int
    end: int
    empty: bool


def _require(condition: object, what: str) -> None:
    if not condition:
        raise MalformedPdf(what)


def _is_hex_string(gap: bytes) -> bool:
    """`<`, pairs of digits, `>`. No regular expression: its repetitions take sixty times the memory of the gap."""
    digits = gap[1:-1]
    framed = gap.startswith(b"<") and gap.endswith(b">")
    return framed and len(digits) > 0 and len(digits) % 2 == 0 and not digits.translate(None, HEX_DIGITS)


def _signature_at(octets: Octets, at: int) -> _Signature:
    array = ARRAY.match(octets, at)
    if array is None:
        raise MalformedPdf("a /ByteRange is not [0 a b c]")
    gap_start, gap_end, length = (int(number) for number in array.groups())
    _require(0 < gap_start < gap_end and gap_end + length <= len(octets), "a /ByteRange leaves the file")
    _require(gap_end - gap_start <= MAX_GAP, "the gap of a /ByteRange is too long")
    gap = octets[gap_start:gap_end]
    _require(_is_hex_string(gap), "the gap of a /ByteRange is not one hexadecimal string")
    _require(CONTENTS_BEFORE.search(octets[max(0, gap_start - 32) : gap_start]), "the gap is not /Contents")
    return _Signature(at, gap_start, gap_end, gap_end + length, not gap[1:-1].strip(b"0"))


def _signatures(octets: Octets) -> list[_Signature]:
    found: list[_Signature] = []
    for name in NAME.finditer(octets):
        _require(len(found) < MAX_SIGNATURES, "too many signatures")
        found.append(_signature_at(octets, name.start()))
    return found


def _object_around(octets: Octets, signature: _Signature) -> tuple[int, bytes]:
    """Offset of the indirect object that holds the signature, and its octets outside the gap."""
    window_start = max(0, min(signature.at, signature.gap_start) - MAX_DICTIONARY)
    starts = list(OBJECT_START.finditer(octets, window_start, min(signature.at, signature.gap_start)))
    _require(starts, "the signature is in no object")
    start = starts[-1].start(1)
    last = max(signature.at, signature.gap_end)
    end = octets.find(b"endobj", last, last + MAX_DICTIONARY)
    _require(end >= 0, "the signature's object does not end")
    return start, octets[start : signature.gap_start] + octets[signature.gap_end : end]


def _check_dictionary(body: bytes) -> None:
    _require(b"endobj" not in body and b"stream" not in body, "/ByteRange and /Contents are in two objects")
    for name in (b"/ByteRange", b"/Contents", b"/SubFilter"):
        _require(body.count(name) == 1, "a member of the signature dictionary appears twice or not at all")
    _require(b"#" not in body.split(b"(")[0], "names are written with escapes")
    _require(SUBFILTER.search(body), "/SubFilter is not ETSI.CAdES.detached")


def locate(octets: Octets) -> ByteRange:
    """The byte range of the one empty prepared signature; MalformedPdf if anything deviates."""
    size = len(octets)
    _require(HEADER.match(octets), "no PDF header at the start")
    _require(TRAILER.search(octets[max(0, size - 8) : size]), "no end-of-file marker at the end")
    signatures = _signatures(octets)
    prepared = [signature for signature in signatures if signature.empty]
    _require(len(prepared) == 1, f"{len(prepared)} empty prepared signatures instead of one")
    chosen = prepared[0]
    _require(chosen.end == size, "the byte range does not reach the end of the file")
    start, body = _object_around(octets, chosen)
    _check_dictionary(body)
    _require(all(other is chosen or other.end <= start for other in signatures), "signatures overlap")
    return ByteRange(chosen.gap_start, chosen.gap_end, size)
