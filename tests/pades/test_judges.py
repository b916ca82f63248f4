"""Independent programs look at the concluded contract and must agree with our verdict wherever they can judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pdfsigner
import pytest
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from cectrust import pades
from cectrust.pades.model import Verdict
from tests.support.attacks import with_flipped_byte
from tests.support.contracts import concluded
from tests.support.judges import (
    document_timestamp,
    embedded_signatures,
    nss_database,
    openssl_cms,
    openssl_ts,
    run,
    signature_timestamp,
    signed_bytes,
)
from tests.support.pki import Pki, build_pki


@pytest.fixture(scope="module")
def pki() -> Pki:
    """Certificates without OCSP address: pdfsig would ask there, and calls everything unknown with -no-ocsp."""
    return build_pki(ocsp_url=None)


@pytest.fixture(scope="module")
def revisions(pki: Pki, contract: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return concluded(contract, tmp_path_factory.mktemp("contract"), pki)


@pytest.fixture(scope="module")
def roots(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """root.pem, tsa.pem, and an NSS database that knows the root only."""
    folder = tmp_path_factory.mktemp("roots")
    (folder / "root.pem").write_bytes(pki.root.pem)
    (folder / "tsa.pem").write_bytes(pki.tsa_root.pem)
    return nss_database(folder, folder / "root.pem")


@pytest.fixture(scope="module")
def tampered(revisions: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_flipped_byte(revisions["final"], tmp_path_factory.mktemp("tampered") / "bad.pdf")


@pytest.fixture(scope="module")
def embedded(revisions: dict[str, Path]) -> Iterator[Sequence[EmbeddedPdfSignature]]:
    with embedded_signatures(revisions["final"]) as found:
        yield found


def test_pdfsig_finds_both_signatures_valid_and_trusted(revisions: dict[str, Path], roots: Path) -> None:
    text = run("pdfsig", "-nssdir", f"sql:{roots}", revisions["second"]).stdout
    assert text.count("Signature is Valid.") == 2
    assert text.count("Certificate is Trusted.") == 2
    assert "Total document signed" in text


def test_pdfsig_sees_the_tampering_that_we_see(tampered: Path, pki: Pki) -> None:
    text = run("pdfsig", "-nocert", tampered, check=False).stdout
    assert "Digest Mismatch" in text
    assert pades.validate(tampered, pki.trust).verdict is Verdict.TOTAL_FAILED


def test_qpdf_finds_no_syntax_errors(revisions: dict[str, Path]) -> None:
    for path in revisions.values():
        assert "No syntax or stream encoding errors" in run("qpdf", "--check", path).stdout


@pytest.mark.parametrize("index", [0, 1])
def test_openssl_verifies_the_cms_of_both_people(
    revisions: dict[str, Path], embedded: Sequence[EmbeddedPdfSignature], roots: Path, tmp_path: Path, index: int
) -> None:
    signature, content = embedded[index], signed_bytes(embedded[index], revisions["final"])
    assert openssl_cms(signature.pkcs7_content, content, roots / "root.pem", tmp_path)
    assert not openssl_cms(signature.pkcs7_content, content + b" ", roots / "root.pem", tmp_path)


def test_openssl_verifies_every_timestamp(
    revisions: dict[str, Path], embedded: Sequence[EmbeddedPdfSignature], roots: Path, tmp_path: Path
) -> None:
    *people, archive = embedded
    for person in people:
        token, value = signature_timestamp(person), person.signer_info["signature"].native
        assert openssl_ts(token, value, roots / "tsa.pem", tmp_path)
        assert not openssl_ts(token, value + b"x", roots / "tsa.pem", tmp_path)
    content = signed_bytes(archive, revisions["final"])
    assert openssl_ts(document_timestamp(archive), content, roots / "tsa.pem", tmp_path)


def test_pdfsignerpy_agrees_on_good_and_bad(revisions: dict[str, Path], tampered: Path, roots: Path) -> None:
    both = roots / "both.pem"
    both.write_bytes((roots / "root.pem").read_bytes() + (roots / "tsa.pem").read_bytes())
    good = pdfsigner.verify_pdf_report(str(revisions["final"]), str(both))
    assert (good["all_valid"], good["all_trusted"], good["document_intact"]) == (True, True, True)
    assert [one["is_timestamp"] for one in good["signatures"]] == [False, False, True]
    assert not pdfsigner.verify_pdf_report(str(tampered), str(both))["all_valid"]
