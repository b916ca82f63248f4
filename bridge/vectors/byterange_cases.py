"""PDF files of one empty page with a prepared signature field, right and wrong (PROTOCOL.md section 7)."""

from __future__ import annotations

import hashlib
from typing import Any

from tokens import b64

ZEROS = b"0" * 128
EARLIER = b"30" + b"5a" * 63
Objects = list[bytes]


def signature(
    contents: bytes = ZEROS, extra: bytes = b"", subfilter: bytes = b"/SubFilter /ETSI.CAdES.detached"
) -> bytes:
    """A signature dictionary; the ten-digit numbers of /ByteRange are filled in later."""
    return (
        b"<< /Type /Sig /Filter /Adobe.PPKLite "
        + subfilter
        + extra
        + b" /Contents <"
        + contents
        + b"> /ByteRange [0 @@@@@@@@@@ @@@@@@@@@@ @@@@@@@@@@] >>"
    )


def field(name: bytes, value: int) -> bytes:
    """An invisible signature field that is its own widget."""
    widget = b"/Type /Annot /Subtype /Widget /Rect [0 0 0 0] /F 132 /P 3 0 R"
    return b"<< /FT /Sig /T (%s) %s /V %d 0 R >>" % (name, widget, value)


def objects(signature_dictionary: bytes) -> Objects:
    return [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Annots [4 0 R] >>",
        field(b"Signature1", 5),
        signature_dictionary,
    ]


def serialise(
    numbered: list[tuple[int, bytes]], before: bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", previous: int = 0
) -> bytes:
    """A body, its cross-reference table and trailer appended to `before`."""
    out, lines = before, b""
    for number, body in numbered:
        lines += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    head = b"0 1\n0000000000 65535 f \n" if not previous else b""
    prev = b" /Prev %d" % previous if previous else b""
    trailer = b"trailer\n<< /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (
        numbered[-1][0] + 1,
        prev,
        len(out),
    )
    return out + b"xref\n" + head + lines + trailer


def fill(pdf: bytes, start: int = 0, total: int | None = None) -> bytes:
    """Write the numbers of the first unfilled /ByteRange after `start`."""
    open_at = pdf.index(b"/Contents <", start) + len(b"/Contents ")
    close = pdf.index(b">", open_at) + 1
    numbers = b"%010d %010d %010d" % (open_at, close, (len(pdf) if total is None else total) - close)
    return pdf.replace(b"@@@@@@@@@@ @@@@@@@@@@ @@@@@@@@@@", numbers, 1)


def prepared(**options: Any) -> bytes:
    return fill(serialise(list(enumerate(objects(signature(**options)), 1))))


def countersigned() -> bytes:
    """A first revision, signed; a second one with its own prepared field."""
    first = prepared(contents=EARLIER)
    catalog = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R 6 0 R] /SigFlags 3 >> >>"
    update = [(1, catalog), (6, field(b"Signature2", 7)), (7, signature())]
    return fill(serialise(update, first, first.rindex(b"xref\n0 1")), len(first))


def numbers_changed(change: tuple[int, int, int, int]) -> bytes:
    """The right file with `change` added to the four numbers, in the same room."""
    pdf = prepared()
    at = pdf.index(b"/ByteRange [") + len(b"/ByteRange [")
    end = pdf.index(b"]", at)
    new = [int(text) + add for text, add in zip(pdf[at:end].split(), change, strict=True)]
    return pdf[:at] + b"%d %010d %010d %010d" % tuple(new) + pdf[end:]


def wrong() -> dict[str, bytes]:
    right = prepared()
    shifted = right.replace(b"/ByteRange [0 ", b"/ByteRange [0 \x00", 1)
    return {
        "text appended after the range": right + b"appended",
        "a revision appended after the range": serialise(
            [(3, b"<< /Type /Page /Parent 2 0 R >>")], right, right.rindex(b"xref\n0 1")
        ),
        "first number is not 0": numbers_changed((1, 0, 0, 0)),
        "gap begins early": numbers_changed((0, -1, 0, 0)),
        "gap begins late": numbers_changed((0, 1, 0, 0)),
        "gap ends late": numbers_changed((0, 0, 1, -1)),
        "range stops before the end": numbers_changed((0, 0, 0, -1)),
        "range goes past the end": numbers_changed((0, 0, 0, 1)),
        "a null in the array": shifted,
        "no field prepared": serialise(list(enumerate(objects(b"null"), 1))),
        "already signed": prepared(contents=EARLIER),
        "odd number of digits": prepared(contents=ZEROS + b"0"),
        "empty contents": prepared(contents=b""),
        "white space in the contents": prepared(contents=b"00 00" + ZEROS),
        "two empty fields": fill(fill(serialise(list(enumerate([*objects(signature()), signature()], 1))))),
        "numbers not filled in": serialise(list(enumerate(objects(signature()), 1))),
        "two /ByteRange in one dictionary": prepared(extra=b" /ByteRange [0 0 0 0]"),
        "two /Contents in one dictionary": prepared().replace(b"] >>", b"] /Contents <00> >>", 1),
        "adbe.pkcs7.detached": prepared(subfilter=b"/SubFilter /adbe.pkcs7.detached"),
        "no /SubFilter": prepared(subfilter=b""),
        "two /SubFilter": prepared(extra=b" /SubFilter /ETSI.RFC3161"),
        "octets before the header": b"\n" + right,
        "no end marker": right[:-6],
        "not a PDF": b"GIF89a",
        "empty": b"",
    }


def case(name: str, pdf: bytes, accept: bool) -> dict[str, Any]:
    if not accept:
        return {"name": name, "accept": False, "error": "malformed_pdf", "pdf": b64(pdf)}
    at = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange [")
    _, a, b, c = (int(text) for text in pdf[at : pdf.index(b"]", at)].split())
    covered = pdf[:a] + pdf[b : b + c]
    return {
        "name": name,
        "accept": True,
        "pdf": b64(pdf),
        "byte_range": [0, a, b, c],
        "sha256": hashlib.sha256(covered).hexdigest(),
        "sha384": hashlib.sha384(covered).hexdigest(),
    }


def byterange_file() -> dict[str, Any]:
    right = {"one prepared field": prepared(), "a countersignature": countersigned()}
    return {
        "description": "Prepared files: the byte range and the digests over it, or why refused.",
        "cases": [
            *(case(name, pdf, True) for name, pdf in right.items()),
            *(case(name, pdf, False) for name, pdf in wrong().items()),
        ],
    }
