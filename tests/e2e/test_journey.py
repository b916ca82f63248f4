"""The first contract, from draft to proven original, in real browsers with real tokens; then everybody judges it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pdfsigner
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from tests.e2e.conftest import DOCUMENT, Travelled
from tests.support.attacks import with_flipped_byte, with_page_content, without_signatures
from tests.support.judges import (
    document_timestamp,
    embedded_signatures,
    is_document_timestamp,
    nss_database,
    openssl_cms,
    openssl_ts,
    run,
    signature_timestamp,
    signed_bytes,
)

VERIFIER = Path(__file__).parents[1] / "archive" / "verify_receipt.py"


@pytest.fixture(scope="module")
def embedded(travelled: Travelled) -> Iterator[Sequence[EmbeddedPdfSignature]]:
    with embedded_signatures(travelled.final) as found:
        yield found


@pytest.fixture(scope="module")
def people(embedded: Sequence[EmbeddedPdfSignature]) -> list[EmbeddedPdfSignature]:
    return [one for one in embedded if not is_document_timestamp(one)]


def test_the_journey_meets_no_obstacle_for_anybody(travelled: Travelled) -> None:
    """axe on every page that was photographed, at desktop and phone width."""
    assert travelled.findings == ()


def test_pdfsig_finds_both_people_valid_and_trusted(travelled: Travelled, tmp_path: Path) -> None:
    """poppler 22.12 can't judge document timestamps, so only what it says of the two people counts."""
    nss = nss_database(tmp_path / "nss", travelled.root)
    text = run("pdfsig", "-nssdir", f"sql:{nss}", "-no-ocsp", travelled.final, check=False).stdout
    assert text.count("Signature is Valid.") >= 2, text
    assert "Digest Mismatch" not in text
    assert "山田 太郎" in text
    assert "髙﨑 𠮷乃" in text


def test_openssl_verifies_the_cms_of_both_people(
    travelled: Travelled, people: list[EmbeddedPdfSignature], tmp_path: Path
) -> None:
    assert len(people) == 2
    for person in people:
        content = signed_bytes(person, travelled.final)
        assert openssl_cms(person.pkcs7_content, content, travelled.root, tmp_path)
        assert not openssl_cms(person.pkcs7_content, content + b" ", travelled.root, tmp_path)


def test_openssl_verifies_every_timestamp(
    travelled: Travelled, embedded: Sequence[EmbeddedPdfSignature], tmp_path: Path
) -> None:
    for one in embedded:
        if is_document_timestamp(one):
            token, stamped = document_timestamp(one), signed_bytes(one, travelled.final)
        else:
            token, stamped = signature_timestamp(one), one.signer_info["signature"].native
        assert openssl_ts(token, stamped, travelled.tsa_root, tmp_path)
        assert not openssl_ts(token, stamped + b"x", travelled.tsa_root, tmp_path)


def test_qpdf_finds_no_syntax_error(travelled: Travelled) -> None:
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", travelled.final).stdout


def test_pdfsignerpy_agrees(travelled: Travelled, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(travelled.root.read_bytes() + travelled.tsa_root.read_bytes())
    found = pdfsigner.verify_pdf_report(str(travelled.final), str(both))
    assert (found["all_valid"], found["all_trusted"], found["document_intact"]) == (True, True, True)
    assert [one["is_timestamp"] for one in found["signatures"]].count(False) == 2


def test_the_receipt_verifies_with_openssl_and_a_page_of_python(travelled: Travelled) -> None:
    assert check_receipt(travelled, travelled.final).stdout.startswith("OK: ")


def check_receipt(travelled: Travelled, file: Path) -> subprocess.CompletedProcess[str]:
    """The page of standard-library Python that needs nothing of ours."""
    trust = ("--log-key", travelled.log_key, "--tsa-root", travelled.tsa_root)
    return run(sys.executable, "-I", VERIFIER, travelled.receipt, *trust, "--file", file, check=False)


def verify(travelled: Travelled, file: Path, *more: str | Path) -> tuple[int, dict[str, Any]]:
    """``cectrust verify`` as a third party runs it, with the roots that the operator publishes."""
    trust = ("--trust", travelled.root, "--trust", travelled.tsa_root)
    done = run(sys.executable, "-m", "cectrust", "verify", file, *trust, "--json", *more, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def with_receipt(travelled: Travelled) -> tuple[str | Path, ...]:
    return ("--receipt", travelled.receipt, "--log-key", travelled.log_key)


def sentences(judged: dict[str, Any]) -> str:
    return " ".join(reason["ja"] for reason in judged["reasons"])


def test_T14_the_concluded_contract_passes_and_the_countersignature_kept_the_first_valid(travelled: Travelled) -> None:
    status, judged = verify(travelled, travelled.final, *with_receipt(travelled))
    assert (status, judged["verdict"], judged["receipt"]) == (0, "TOTAL_PASSED", "confirmed")
    assert [(one["signer"], one["level"]) for one in judged["signatures"]] == [
        ("山田 太郎", "B-LTA"),
        ("髙﨑 𠮷乃", "B-LTA"),
    ]
    assert judged["unsigned_fields"] == []


def test_T15_it_validates_offline_long_after_every_certificate_expired(travelled: Travelled) -> None:
    """In 2045, in a network of its own without any neighbour (where the kernel lets this user have one)."""
    trust = ("--trust", travelled.root, "--trust", travelled.tsa_root)
    command = (sys.executable, "-m", "cectrust", "verify", travelled.final, *trust, "--json")
    alone = ("unshare", "-rn") if run("unshare", "-rn", "true", check=False).returncode == 0 else ()
    future = ("env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "faketime", "2045-01-01 00:00:00")
    done = run(*alone, *future, *command, check=False)
    assert done.stdout, done.stderr
    judged = json.loads(done.stdout)
    assert [one["verdict"] for one in judged["signatures"]] == ["TOTAL_PASSED"] * 2, judged
    assert done.returncode == 0


def forged(travelled: Travelled, file: Path) -> tuple[set[str], str]:
    """A file that must fail: the codes and the Japanese sentences of what happened to it."""
    status, judged = verify(travelled, file)
    assert (status, judged["verdict"]) == (1, "TOTAL_FAILED")
    return {reason["code"] for reason in judged["reasons"]}, sentences(judged)


def test_T17_one_flipped_byte_fails_and_is_named(travelled: Travelled, tmp_path: Path) -> None:
    _, said = forged(travelled, with_flipped_byte(travelled.final, tmp_path / "bad.pdf"))
    assert "山田 太郎：署名された範囲の内容が署名後に書き換えられています" in said


def test_T17_an_appended_revision_fails_and_is_named(travelled: Travelled, tmp_path: Path) -> None:
    codes, _ = forged(travelled, with_page_content(travelled.final, tmp_path / "bad.pdf"))
    assert codes & {"appended", "changed_after_signing"}


@pytest.mark.parametrize("keep_fields", [True, False])
def test_T17_signatures_stripped_by_rewriting_fail_and_are_named(
    travelled: Travelled, tmp_path: Path, keep_fields: bool
) -> None:
    bad = without_signatures(travelled.final, tmp_path / "bad.pdf", keep_fields=keep_fields)
    codes, _ = forged(travelled, bad)
    assert codes == {"signature_removed"}


def test_a_file_cut_back_is_incomplete_by_itself(travelled: Travelled, tmp_path: Path) -> None:
    status, judged = verify(travelled, travelled.cut_back(tmp_path / "cut.pdf"))
    assert (status, judged["verdict"]) == (2, "INDETERMINATE")
    assert judged["unsigned_fields"]
    assert "INCOMPLETE" in json.dumps(judged)


def test_a_file_cut_back_fails_against_the_receipt_and_the_missing_signer_is_named(
    travelled: Travelled, tmp_path: Path
) -> None:
    status, judged = verify(travelled, travelled.cut_back(tmp_path / "cut.pdf"), *with_receipt(travelled))
    assert (status, judged["verdict"]) == (1, "TOTAL_FAILED")
    assert "髙﨑 𠮷乃" in sentences(judged)


def test_T25_legibility_the_partner_can_print_it(travelled: Travelled, tmp_path: Path) -> None:
    """見読性: PostScript for any printer, with every font inside, and the text as it was agreed."""
    run("pdftops", travelled.final, tmp_path / "printed.ps")
    assert (tmp_path / "printed.ps").read_bytes().startswith(b"%!PS-Adobe")
    before, after = (run("pdftotext", "-layout", path, "-").stdout for path in (DOCUMENT, travelled.final))
    assert "請負代金" in after
    assert after == before
    fonts = [line.split() for line in run("pdffonts", travelled.final).stdout.splitlines()[2:]]
    assert fonts
    assert all(font[-5] == "yes" for font in fonts), "every font is embedded"


def test_T25_originality_an_alteration_is_detected_by_anybody(travelled: Travelled, tmp_path: Path) -> None:
    """原本性: by our verifier, by the receipt, and by a program that is not ours."""
    bad = with_flipped_byte(travelled.final, tmp_path / "bad.pdf")
    assert verify(travelled, bad, *with_receipt(travelled))[1]["verdict"] == "TOTAL_FAILED"
    assert "is not the original" in check_receipt(travelled, bad).stderr
    assert "Digest Mismatch" in run("pdfsig", "-nocert", bad, check=False).stdout


def test_T25_identity_the_partner_is_proven_by_his_certificate(
    travelled: Travelled, people: list[EmbeddedPdfSignature], tmp_path: Path
) -> None:
    """本人性: each signature's certificate names the person and the company, and leads to the published root."""
    for person, key in zip(people, ("a", "b"), strict=True):
        facts, subject = travelled.running.people[key], person.signer_cert.subject.native
        assert (subject["common_name"], subject["organization_name"]) == (facts["person"], facts["company"])
        (tmp_path / "person.der").write_bytes(person.signer_cert.dump())
        above = b"".join(pem(found.dump()) for found in person.other_embedded_certs)
        (tmp_path / "chain.pem").write_bytes(above)
        trust = ("-CAfile", travelled.root, "-untrusted", tmp_path / "chain.pem")
        assert run("openssl", "verify", *trust, tmp_path / "person.der").stdout.strip().endswith(": OK")


def pem(der: bytes) -> bytes:
    return load_der_x509_certificate(der).public_bytes(Encoding.PEM)
