"""`cectrust verify`: what scripts rely on, with the parser in its real worker."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cectrust.cli import cectrust
from cectrust.cli_verify import verify_command
from cectrust.pades.isolated import MODULES, validate_isolated
from cectrust.pades.model import Verdict
from cectrust.parsing import ParserPool
from tests.support.contracts import blank_pdf, concluded
from tests.support.pki import Pki


@pytest.fixture(scope="module")
def roots(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roots") / "roots.pem"
    path.write_bytes(pki.root.pem + pki.tsa_root.pem)
    return path


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    pool = ParserPool(MODULES)
    yield pool
    pool.close()


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(verify_command, [str(argument) for argument in arguments])


def test_all_passed_is_exit_status_0_and_one_json_object_a_line(revisions: dict[str, Path], roots: Path) -> None:
    final = revisions["final"]
    result = verify(final, final, "--trust", roots, "--json")
    assert result.exit_code == 0
    one, two = map(json.loads, result.output.splitlines())
    assert one == two
    assert (one["file"], one["verdict"], one["unsigned_fields"]) == (str(final), "TOTAL_PASSED", [])
    first = one["signatures"][0]
    assert (first["signer"], first["level"], first["sub_indication"]) == ("建設 花子", "B-LTA", None)
    assert first["covers"] == "REVISION"
    assert first["time"].endswith("Z")
    assert set(one["reasons"][0]) == {"code", "ja", "en"}


def test_any_failure_is_exit_status_1(revisions: dict[str, Path], roots: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(revisions["final"].read_bytes() + b"x")
    assert verify(revisions["final"], bad, "--trust", roots).exit_code == 1


def test_neither_is_exit_status_2(revisions: dict[str, Path]) -> None:
    result = verify(revisions["final"])
    assert result.exit_code == 2
    assert "判定できません" in result.output


def test_a_file_that_the_parser_does_not_survive_is_neither_valid_nor_forged(
    pki: Pki, roots: Path, tmp_path: Path
) -> None:
    signed = concluded(blank_pdf(tmp_path / "wall.pdf", side=14_400), tmp_path, pki, long_term=False)["second"]
    result = verify(signed, "--trust", roots, "--json")
    report = json.loads(result.output)
    assert (result.exit_code, report["verdict"], report["sub_indication"]) == (2, "INDETERMINATE", "GENERIC")
    assert [reason["code"] for reason in report["reasons"]] == ["parser_stopped"]
    assert report["sha256"] == hashlib.sha256(signed.read_bytes()).hexdigest()


@pytest.mark.parametrize("interpreter", ["/bin/false", "/nonexistent"])
def test_a_parser_that_does_not_start_is_exit_status_2_and_one_object_a_file(
    revisions: dict[str, Path], roots: Path, monkeypatch: pytest.MonkeyPatch, interpreter: str
) -> None:
    monkeypatch.setattr(sys, "executable", interpreter)
    arguments = ["verify", str(revisions["final"]), str(revisions["first"]), "--trust", str(roots), "--json"]
    result = CliRunner().invoke(cectrust, arguments)
    one, two = map(json.loads, result.output.splitlines())
    assert result.exit_code == 2
    assert [one["file"], two["file"]] == [str(revisions["final"]), str(revisions["first"])]
    assert {one["verdict"], two["verdict"]} == {"INDETERMINATE"}
    assert one["reasons"][0]["code"] == "parser_start"


def test_trust_that_is_no_pem_is_a_usage_error(revisions: dict[str, Path]) -> None:
    result = verify(revisions["final"], "--trust", revisions["final"])
    assert result.exit_code == 2
    assert "PEM" in result.output


def test_a_worker_judges_as_we_do_in_process(revisions: dict[str, Path], pki: Pki, pool: ParserPool) -> None:
    assert validate_isolated(pool, revisions["final"], pki.trust).verdict is Verdict.TOTAL_PASSED
    assert validate_isolated(pool, revisions["second"], pki.trust).verdict is Verdict.INDETERMINATE


def test_revocation_data_is_fetched_outside_the_worker(revisions: dict[str, Path], pki: Pki, pool: ParserPool) -> None:
    assert validate_isolated(pool, revisions["second"], pki.trust, pki).verdict is Verdict.TOTAL_PASSED
