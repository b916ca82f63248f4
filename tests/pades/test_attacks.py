"""Attacks made here on a concluded contract: every one is TOTAL_FAILED, and the report says what happened (T17)."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from cectrust import pades
from cectrust.pades.model import TrustStore, ValidationReport, Verdict
from tests.support.attacks import with_page_content, without_signatures
from tests.support.contracts import FIELDS, blank_pdf, sign_field, with_fields
from tests.support.pki import Pki

SEED = 20261123
BYTE_RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *")


def codes(report: ValidationReport) -> set[str]:
    return {reason.code for reason in report.reasons}


def failed(path: Path, trust: TrustStore) -> set[str]:
    report = pades.validate(path, trust)
    assert report.verdict is Verdict.TOTAL_FAILED, report
    return codes(report)


def ranges(data: bytes) -> list[tuple[int, int, int]]:
    """(end of first part, start of second, end of second) of every signature, in file order."""
    found = [tuple(map(int, match.groups())) for match in BYTE_RANGE.finditer(data)]
    return [(first, second, second + length) for _, first, second, length in found]


@pytest.mark.parametrize("revision", ["first", "second", "final"])
def test_T17_content_appended_in_a_new_revision_fails(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path, revision: str
) -> None:
    found = failed(with_page_content(revisions[revision], tmp_path / "bad.pdf"), pki.trust)
    assert found & {"appended", "changed_after_signing"}


@pytest.mark.parametrize("tail", [b"\n", b"% nothing\n", b"\x00" * 600, b"%%EOF\n" * 3])
def test_T17_bytes_after_the_last_signature_fail(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path, tail: bytes
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(revisions["final"].read_bytes() + tail)
    assert "appended" in failed(bad, pki.trust)


def test_changed_content_that_the_next_person_signed_still_fails_for_the_first(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path
) -> None:
    """pdfsignerpy, for one, accepts an overlay that was signed again."""
    painted = with_page_content(revisions["first"], tmp_path / "painted.pdf")
    signed = sign_field(painted, tmp_path / "bad.pdf", FIELDS[1], pki.taro, pki, pki.timestamper)
    report = pades.validate(signed, pki.trust, pki)
    assert report.verdict is Verdict.TOTAL_FAILED
    assert [one.verdict for one in report.signatures] == [Verdict.TOTAL_FAILED, Verdict.TOTAL_PASSED]
    assert "建設 花子" in report.reasons[0].ja


def test_a_new_visible_field_cannot_cover_what_was_signed(contract: Path, pki: Pki, tmp_path: Path) -> None:
    """A signature field added later may be signed, but its appearance is compared with what was signed."""
    fields = with_fields(contract, tmp_path / "f.pdf", ("One", "Two"))
    first = sign_field(fields, tmp_path / "one.pdf", "One", pki.hanako, pki, None)
    with first.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        append_signature_field(writer, SigFieldSpec("Cover", box=(60, 500, 500, 800)))
        writer.write_in_place()
    covered = sign_field(first, tmp_path / "bad.pdf", "Cover", pki.taro, pki, None)
    report = pades.validate(covered, pki.trust, pki)
    assert report.verdict is Verdict.TOTAL_FAILED
    assert "looks_different" in codes(report)


def test_a_signature_stripped_from_its_field_fails(revisions: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    for revision in ("first", "final"):
        bad.write_bytes(revisions[revision].read_bytes())
        with bad.open("r+b") as stream:
            writer = IncrementalPdfFileWriter(stream)
            for field in writer.root["/AcroForm"]["/Fields"]:
                field.get_object().pop("/V", None)
                writer.update_container(field.get_object())
            writer.write_in_place()
        assert "signature_removed" in failed(bad, pki.trust)


@pytest.mark.parametrize("keep_fields", [True, False])
def test_signatures_stripped_by_rewriting_the_file_fail(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path, keep_fields: bool
) -> None:
    bad = without_signatures(revisions["final"], tmp_path / "bad.pdf", keep_fields=keep_fields)
    assert failed(bad, pki.trust) == {"signature_removed"}


def test_a_file_rewritten_by_another_program_fails(revisions: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    with revisions["final"].open("rb") as stream, bad.open("wb") as out:
        copy_into_new_writer(PdfFileReader(stream)).write(out)
    assert failed(bad, pki.trust)


@pytest.mark.parametrize("shift", [(0, 0, 2, -2), (0, -2, 0, 0), (0, 0, 0, -40), (1, -1, 0, 0), (0, 20000, 0, 0)])
def test_a_moved_byte_range_fails(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path, shift: tuple[int, int, int, int]
) -> None:
    bad = tmp_path / "bad.pdf"
    data = revisions["first"].read_bytes()
    match = BYTE_RANGE.search(data)
    assert match is not None
    moved = b"/ByteRange [%d %d %d %d]" % tuple(int(a) + b for a, b in zip(match.groups(), shift, strict=True))
    bad.write_bytes(data.replace(match.group(), moved.ljust(len(match.group()))[: len(match.group())]))
    assert failed(bad, pki.trust)


def test_bytes_hidden_behind_the_signature_value_fail(revisions: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    """No digest covers the padding of /Contents in the newest signature."""
    data = bytearray(revisions["final"].read_bytes())
    first, second, _ = ranges(bytes(data))[-1]
    assert data[second - 3 : second - 1] == b"00"
    data[second - 2 : second - 1] = b"1"
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(data)
    assert first < second
    assert "signature_unreadable" in failed(bad, pki.trust)


def test_two_signatures_swapped_between_fields_fail(revisions: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(revisions["second"].read_bytes())
    with bad.open("r+b") as stream:
        writer = IncrementalPdfFileWriter(stream)
        one, two = (field.get_object() for field in writer.root["/AcroForm"]["/Fields"])
        first, second = one.raw_get("/V"), two.raw_get("/V")
        one[pdf_name("/V")], two[pdf_name("/V")] = second, first
        for field in (one, two):
            writer.update_container(field)
        writer.write_in_place()
    assert failed(bad, pki.trust)


@pytest.fixture(scope="module")
def small(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest signed contract: little enough that every structure byte can be flipped."""
    folder = tmp_path_factory.mktemp("small")
    fields = with_fields(blank_pdf(folder / "b.pdf"), folder / "f.pdf", ("Only",))
    return sign_field(fields, folder / "s.pdf", "Only", pki.hanako, pki, None)


def structure_offsets(data: bytes) -> Iterator[int]:
    """What tells where the signature is and what it covers: byte range, delimiters, tables, trailers."""
    for match in re.finditer(rb"/ByteRange \[[^\]]*\]|startxref\s+\d+\s+%%EOF|trailer\s*<<[^>]*>>|xref\n\d+ \d+", data):
        yield from range(*match.span())
    first, second, _ = ranges(data)[-1]
    yield from (*range(9), first, second - 1)


def flip(path: Path, data: bytes, offset: int, bit: int) -> Path:
    path.write_bytes(data[:offset] + bytes([data[offset] ^ (1 << bit)]) + data[offset + 1 :])
    return path


def test_T17_every_flipped_structure_byte_fails(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    chosen = random.Random(SEED)  # noqa: S311
    survivors = [
        offset
        for offset in sorted(set(structure_offsets(data)))
        if pades.validate(flip(tmp_path / "x.pdf", data, offset, chosen.randrange(8)), TrustStore()).verdict
        is not Verdict.TOTAL_FAILED
    ]
    assert survivors == []


def test_T17_three_hundred_other_flipped_bytes_fail(revisions: dict[str, Path], pki: Pki, tmp_path: Path) -> None:
    data = revisions["final"].read_bytes()
    chosen = random.Random(SEED)  # noqa: S311
    first, second, end = ranges(data)[-1]
    signed = [*range(first), *range(second, end)]
    survivors = [
        offset
        for offset in chosen.sample(signed, 300)
        if pades.validate(flip(tmp_path / "x.pdf", data, offset, chosen.randrange(8)), pki.trust).verdict
        is not Verdict.TOTAL_FAILED
    ]
    assert survivors == []


@pytest.mark.long
def test_T17_every_flipped_byte_of_the_signed_ranges_fails(small: Path, tmp_path: Path) -> None:
    data = small.read_bytes()
    first, second, end = ranges(data)[-1]
    survivors = [
        offset
        for offset in [*range(first + 1), *range(second - 1, end)]
        if pades.validate(flip(tmp_path / "x.pdf", data, offset, offset % 8), TrustStore()).verdict
        is not Verdict.TOTAL_FAILED
    ]
    assert survivors == []


@pytest.mark.parametrize("step", [977])
def test_a_file_cut_off_anywhere_never_passes_and_never_raises(
    revisions: dict[str, Path], pki: Pki, tmp_path: Path, step: int
) -> None:
    data = revisions["final"].read_bytes()
    for length in range(0, len(data), step):
        path = tmp_path / "x.pdf"
        path.write_bytes(data[:length])
        assert pades.validate(path, pki.trust).verdict is not Verdict.TOTAL_PASSED, length
