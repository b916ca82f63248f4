"""What may become a contract document: five producers' files, and everything that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import PdfFileWriter

from cectrust import pades
from cectrust.pades.errors import DocumentRefused
from cectrust.pades.model import Verdict
from tests.pades.conftest import FIXTURES
from tests.support.contracts import concluded
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
