"""The receipt on paper: one page, every name drawn, and no claim that isn't true."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from cectrust.archive.model import Assurance
from cectrust.archive.printout import Issuer, PartyLine, receipt_pdf
from cectrust.archive.receipt import ReceiptTrust, VerifiedReceipt, verify_receipt
from tests.archive.conftest import Proven

ISSUER = Issuer("架空電子契約サービス株式会社", "電子契約運営部", "電子契約ヘルプデスク helpdesk@operator.invalid")
PARTIES = (
    PartyLine("案件登録者", "株式会社山田太郎建設工業北海道東北支店営業第一部", "髙﨑 𠮷乃"),
    PartyLine("受領者", "有限会社渡邊\U000e010b工務店", "齋藤 葛\U000e0100之助"),
)


@pytest.fixture
def verified(proven: Proven, trust: ReceiptTrust) -> VerifiedReceipt:
    return verify_receipt(proven.path.read_bytes(), trust)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return str(document[0].get_textpage().get_text_bounded()).replace("\r\n", "\n")


def test_the_sheet_says_what_is_proven_and_by_whom(verified: VerifiedReceipt) -> None:
    text = text_of(receipt_pdf(verified, ISSUER, "（仮称）北海道東北支店新築工事 請負契約書", PARTIES))
    receipt = verified.receipt
    for expected in (
        "原本性証明書",
        "認定外（試験用）",
        "運営者の証言のみ",
        "2026-000001-7",
        "2026年11月23日（月）12時00分00秒（日本時間）",
        "株式会社山田太郎建設工業北海道東北支店営業第一部",
        "髙﨑 𠮷乃",
        receipt.entry.files[0].sha256,
        receipt.entry.leaf_data.hex(),
        "cectrust.example.jp/log",
        "Test TSA (Not Accredited)",
        ISSUER.operator,
    ):
        assert expected in text
    squeezed = "".join(text.split())
    assert "".join(receipt.checkpoint.split()) in squeezed
    assert receipt.log_key in squeezed


def test_the_command_on_the_sheet_is_the_documented_one(verified: VerifiedReceipt) -> None:
    page = (Path(__file__).parents[2] / "docs" / "receipt.md").read_text()
    options = page.partition("`cectrust verify contract.pdf ")[2].partition("`")[0]
    assert {"--receipt", "--log-key", "--trust"} <= set(options.split())
    assert "".join(options.split()) in "".join(text_of(receipt_pdf(verified, ISSUER)).split())


def test_only_fonts_of_the_chain_are_used(verified: VerifiedReceipt, tmp_path: Path) -> None:
    sheet = tmp_path / "receipt.pdf"
    sheet.write_bytes(receipt_pdf(verified, ISSUER, "", PARTIES))
    listed = subprocess.run(["pdffonts", sheet], capture_output=True, text=True, check=True).stdout
    fonts = {line.split()[0].partition("+")[2] for line in listed.splitlines()[2:]}
    assert fonts == {"BIZ-UDPGothic", "BIZ-UDPGothic-Bold", "IPAmjMincho"}


def test_without_parties_the_signers_of_the_entry_are_named(verified: VerifiedReceipt) -> None:
    assert "署名者 髙﨑 𠮷乃" in text_of(receipt_pdf(verified, ISSUER))


def test_T13_only_a_listed_authority_is_called_accredited(verified: VerifiedReceipt) -> None:
    assert "認定時刻認証局による時刻の証明" not in text_of(receipt_pdf(verified, ISSUER))
    listed = replace(verified, assurance=Assurance.ACCREDITED_TIMESTAMP)
    text = text_of(receipt_pdf(listed, replace(ISSUER, trial_label="")))
    assert "認定時刻認証局による時刻の証明" in text
    assert "運営者の証言のみ" not in text


def test_a_letter_that_no_font_can_draw_is_named_by_its_code_and_the_frame_is_explained(
    verified: VerifiedReceipt,
) -> None:
    text = text_of(receipt_pdf(verified, ISSUER, "クレーン\U0001f3d7更新"))
    assert re.search(r"クレーン *U\+1F3D7 *更新", text)
    assert "枠の中は" in text
    assert "枠の中は" not in text_of(receipt_pdf(verified, ISSUER, "クレーン更新"))


def test_names_are_never_html(verified: VerifiedReceipt) -> None:
    assert '<img src="file:///etc/hostname">' in text_of(
        receipt_pdf(verified, ISSUER, '<img src="file:///etc/hostname">')
    )
