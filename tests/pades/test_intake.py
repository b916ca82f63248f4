"""What may become a contract document: five producers' files, and everything that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import PdfFileWriter

from cectrust import pades
from cectrust.pades.errors import DocumentRefused
from cectrust.pades.isolated import LIMITS, MODULES, comparing_limits, validate_isolated
from cectrust.pades.model import Verdict
from cectrust.pades.validation.rendering import Comparison
from cectrust.parsing import ParserPool
from cectrust.verification.service import PATIENCE
from tests.pades.conftest import FIXTURES
from tests.support import platforms
from tests.support.contracts import blank_pdf, concluded
from tests.support.hostile_pdf import (
    Change,
    action,
    encrypted,
    javascript_on_open,
    launch_on_page,
    rewritten,
    xfa_form,
)
from tests.support.pki import Pki

PRODUCERS = ("weasyprint", "chromium", "libreoffice", "ghostscript", "qpdf")


def javascript_by_name(writer: PdfFileWriter) -> None:
    script = writer.add_object(action("/JavaScript", JS=generic.TextStringObject("app.alert(1)")))
    names = generic.ArrayObject([generic.TextStringObject("a"), script])
    tree = generic.DictionaryObject({pdf_name("/Names"): names})
    writer.root[pdf_name("/Names")] = generic.DictionaryObject({pdf_name("/JavaScript"): tree})


def attached_file(writer: PdfFileWriter) -> None:
    stream = writer.add_object(generic.StreamObject(stream_data=b"hidden"))
    files = generic.DictionaryObject({pdf_name("/F"): stream})
    spec = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Filespec"), pdf_name("/EF"): files})
    writer.root[pdf_name("/AF")] = generic.ArrayObject([writer.add_object(spec)])


def layers(writer: PdfFileWriter) -> None:
    writer.root[pdf_name("/OCProperties")] = generic.DictionaryObject()


def stamp_over_text(writer: PdfFileWriter) -> None:
    rect = generic.ArrayObject([generic.NumberObject(n) for n in (100, 100, 400, 400)])
    kind = {pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Stamp")}
    annotation = writer.add_object(generic.DictionaryObject({**kind, pdf_name("/Rect"): rect}))
    writer.root["/Pages"]["/Kids"][0][pdf_name("/Annots")] = generic.ArrayObject([annotation])


def submit_form(writer: PdfFileWriter) -> None:
    writer.root[pdf_name("/OpenAction")] = action("/SubmitForm", F=generic.TextStringObject("https://example.invalid"))


@pytest.mark.parametrize("producer", PRODUCERS)
def test_contracts_of_five_producers_are_clean_and_can_be_concluded(producer: str, pki: Pki, tmp_path: Path) -> None:
    source = FIXTURES / f"{producer}.pdf"
    report = pades.intake(source)
    assert report.findings == report.signatures == ()
    assert [(round(page.width), round(page.height)) for page in report.pages] == [(595, 842)]
    final = concluded(source, tmp_path, pki)["final"]
    assert pades.validate(final, pki.trust).verdict is Verdict.TOTAL_PASSED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (encrypted, "pdf_encrypted"),
        (xfa_form, "pdf_xfa"),
        (javascript_on_open, "pdf_javascript"),
        (javascript_by_name, "pdf_javascript"),
        (launch_on_page, "pdf_launch"),
    ],
)
def test_active_and_encrypted_files_are_refused_with_a_sentence(
    contract: Path, tmp_path: Path, change: Change, code: str
) -> None:
    with pytest.raises(DocumentRefused) as refused:
        pades.intake(rewritten(contract, tmp_path / "bad.pdf", change))
    assert refused.value.code == code
    assert refused.value.ja.endswith("。")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "pdf_empty"),
        (b"PK\x03\x04 a ZIP", "pdf_not_pdf"),
        (b"%PDF-1.7\nnothing else", "pdf_broken"),
        (b"%PDF-1.7\n" + b"[" * 100_000, "pdf_broken"),
    ],
)
def test_what_is_no_whole_pdf_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(content)
    with pytest.raises(DocumentRefused) as refused:
        pades.intake(path)
    assert refused.value.code == code


def test_a_truncated_file_is_refused_as_broken(contract: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(contract.read_bytes()[:-200])
    with pytest.raises(DocumentRefused) as refused:
        pades.intake(path)
    assert refused.value.code == "pdf_broken"


def test_a_file_over_the_limit_is_refused_before_it_is_parsed(contract: Path) -> None:
    size = contract.stat().st_size
    assert pades.intake(contract, size).size == size
    with pytest.raises(DocumentRefused) as refused:
        pades.intake(contract, size - 1)
    assert refused.value.code == "pdf_too_large"
    assert f"{(size - 1) / 1_000_000:g} MB まで" in refused.value.ja


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (attached_file, "embedded_file"),
        (layers, "optional_content"),
        (stamp_over_text, "overlay_annotation"),
        (submit_form, "submit_action"),
    ],
)
def test_hidden_content_is_warned_about(contract: Path, tmp_path: Path, change: Change, code: str) -> None:
    report = pades.intake(rewritten(contract, tmp_path / "odd.pdf", change))
    assert [finding.code for finding in report.findings] == [code]


def test_signatures_that_a_file_brings_along_are_reported(revisions: dict[str, Path]) -> None:
    assert pades.intake(revisions["second"]).signatures == ("Sender", "Recipient")


def test_more_pages_than_the_house_takes_are_refused_with_the_number(tmp_path: Path) -> None:
    source = blank_pdf(tmp_path / "long.pdf", pages=4)
    assert len(pades.intake(source, max_pages=4).pages) == 4
    with pytest.raises(DocumentRefused) as refused:
        pades.intake(source, max_pages=3)
    assert refused.value.code == "pdf_too_many_pages"
    assert "3ページ" in refused.value.ja
    assert "more than 3 pages" in refused.value.en


def test_the_setting_of_the_operator_is_the_limit(tmp_path: Path) -> None:
    source = blank_pdf(tmp_path / "long.pdf", pages=4)
    house = platforms.platform(tmp_path, f"sqlite:///{tmp_path}/house.db", more="[limits]\npages = 3\n")
    try:
        with pytest.raises(DocumentRefused) as refused:
            house.parsers.intake(source)
    finally:
        house.close()
    assert refused.value.code == "pdf_too_many_pages"


def test_a_page_that_could_not_be_compared_after_signing_is_refused_before(tmp_path: Path) -> None:
    plan = blank_pdf(tmp_path / "plan.pdf", side=8400)  # nearly three metres by three
    assert pades.intake(plan).pages[0].width == 8400
    with pytest.raises(DocumentRefused) as refused:
        pades.intake(blank_pdf(tmp_path / "wall.pdf", side=14_400))
    assert refused.value.code == "pdf_page_too_large"


def test_the_largest_page_that_is_taken_can_be_concluded(pki: Pki, tmp_path: Path) -> None:
    plan = blank_pdf(tmp_path / "plan.pdf", side=8400)
    pool = ParserPool(MODULES)
    try:
        report = validate_isolated(pool, concluded(plan, tmp_path, pki)["final"], pki.trust)
    finally:
        pool.close()
    assert report.verdict is Verdict.TOTAL_PASSED


def test_the_time_for_comparing_grows_with_pages_and_bytes_and_ends_somewhere() -> None:
    """115 scanned pages of two signatures and 100 MB: a busy machine needs about a minute for them."""
    small = comparing_limits(30_000, Comparison((1,), (), 1)).seconds
    assert LIMITS.seconds < small < LIMITS.seconds + 1
    assert comparing_limits(100_000_000, Comparison((1, 2), (), 115)).seconds > 5 * LIMITS.seconds
    assert comparing_limits(1 << 40, Comparison((1,) * 1000, (), 1 << 60)).seconds <= 3600
    assert comparing_limits(100_000_000, Comparison((1, 2), (), 115), PATIENCE).seconds == PATIENCE
