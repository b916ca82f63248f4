"""A receipt proves its entry with nothing but published trust, and no changed byte passes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from cectrust.archive.model import Assurance, Entry, Event, JournalHead, SealedFile
from cectrust.archive.parsing import ReceiptRefused
from cectrust.archive.receipt import (
    Receipt,
    ReceiptTrust,
    Standing,
    judge_receipt,
    parse_receipt,
    verify_receipt,
)
from cectrust.cli_verify import verify_command
from cectrust.pades.tokens import TokenVerifier
from cectrust.sdk.protocols import Digest
from cectrust.tlog import LocalNoteSigner
from tests.archive.conftest import Proven, concluded_entry, make_receipt
from tests.support.attacks import flipped
from tests.support.tsa import OpensslTimestamper

SCRIPT = Path(__file__).with_name("verify_receipt.py")


def run_script(proven: Proven, receipt: Path, *more: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", SCRIPT, receipt, "--log-key", proven.receipt.log_key]
    command += ["--tsa-root", proven.tsa_root, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_honest_receipt_verifies(proven: Proven, trust: ReceiptTrust) -> None:
    verified = verify_receipt(proven.path.read_bytes(), trust)
    assert verified.receipt == proven.receipt
    assert verified.checkpoint.size == 7
    assert verified.timestamp.authority == "Test TSA (Not Accredited)"
    assert verified.assurance is Assurance.OPERATOR_ONLY


def test_a_page_of_standard_python_and_openssl_verifies_it(proven: Proven) -> None:
    done = run_script(proven, proven.path, "--file", proven.original)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("OK: concluded 2026-000001-7, leaf 4 of 7, timestamped ")
    assert len(SCRIPT.read_text().splitlines()) < 140
    outside = {name for line in SCRIPT.read_text().splitlines() for name in imported(line)}
    assert outside <= sys.stdlib_module_names


def imported(line: str) -> list[str]:
    words = line.split()
    return [words[1].split(".")[0]] if words[:1] in (["import"], ["from"]) else []


def test_the_page_still_verifies_when_the_authority_has_expired(proven: Proven) -> None:
    command = ["faketime", "2045-01-01", sys.executable, "-I", SCRIPT, proven.path]
    command += ["--log-key", proven.receipt.log_key, "--tsa-root", proven.tsa_root]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_T17_no_byte_of_a_receipt_can_change_unseen(proven: Proven, trust: ReceiptTrust) -> None:
    raw = proven.path.read_bytes()
    for at in range(len(raw)):
        for flip in (0x01, 0x20, 0x80):
            changed = raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]
            with pytest.raises(ReceiptRefused):
                verify_receipt(changed, trust)


def test_T17_the_page_refuses_changed_bytes_too(proven: Proven, tmp_path: Path) -> None:
    raw = proven.path.read_bytes()
    changed = tmp_path / "changed.json"
    for at in range(0, len(raw), 61):
        changed.write_bytes(flipped(raw, at))
        assert run_script(proven, changed).returncode != 0


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("index", 3),
        ("tree_size", 8),
        ("proof", []),
        ("entry", {"number": "2026-000002-5"}),
        ("entry", {"time": "2026-11-23T03:00:00.000001Z"}),
        ("entry", {"salt": "00112233445566778899aabbccddeefe"}),
        ("entry", {"signatures": [{"field": "Party1", "name": "髙﨑 𠮷乃"}]}),
        ("entry", {"event": "signed"}),
        ("entry", {"files": []}),
        ("assurance", "accredited_timestamp"),
    ],
)
def test_a_forger_who_mends_the_digest_is_refused(
    proven: Proven, trust: ReceiptTrust, tmp_path: Path, member: str, value: object
) -> None:
    content = json.loads(proven.path.read_bytes())
    content[member] = {**content[member], **value} if isinstance(value, dict) else value
    forged = tmp_path / "forged.json"
    forged.write_bytes(with_digest(content))
    assert parse_receipt(forged.read_bytes())
    with pytest.raises(ReceiptRefused):
        verify_receipt(forged.read_bytes(), trust)
    assert run_script(proven, forged).returncode != 0


def with_digest(content: dict[str, object]) -> bytes:
    rest = {key: value for key, value in content.items() if key != "digest"}
    return canonical({**rest, "digest": sha256(canonical(rest)).hexdigest()})


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_a_receipt_of_another_log_is_refused(proven: Proven, trust: ReceiptTrust) -> None:
    with pytest.raises(ReceiptRefused) as refusal:
        verify_receipt(proven.path.read_bytes(), replace(trust, log_keys=[]))
    assert "key" in refusal.value.detail


def test_a_timestamp_of_an_unknown_authority_is_refused(proven: Proven, trust: ReceiptTrust) -> None:
    with pytest.raises(ReceiptRefused) as refusal:
        verify_receipt(proven.path.read_bytes(), replace(trust, verify_timestamp=TokenVerifier([])))
    assert "timestamp" in refusal.value.detail


def test_T13_a_timestamp_is_called_accredited_only_if_the_verifier_lists_its_authority(
    proven: Proven, trust: ReceiptTrust
) -> None:
    honest = verify_receipt(proven.path.read_bytes(), trust)
    boast = replace(proven.receipt, assurance=Assurance.ACCREDITED_TIMESTAMP).encode()
    with pytest.raises(ReceiptRefused):
        verify_receipt(boast, trust)
    listed = replace(trust, accredited=frozenset({honest.timestamp.certificate_sha256}))
    assert verify_receipt(boast, listed).assurance is Assurance.ACCREDITED_TIMESTAMP


def test_a_cosigned_checkpoint_has_no_place_in_a_receipt(
    proven: Proven, trust: ReceiptTrust, timestamper: OpensslTimestamper, log_signer: LocalNoteSigner
) -> None:
    stranger = log_signer.verifier.name.replace("cectrust", "stranger")
    note = proven.receipt.checkpoint + f"— {stranger} AAAAAAAA\n"
    token = timestamper.timestamp(sha256(note.encode()).digest())
    with pytest.raises(ReceiptRefused):
        verify_receipt(replace(proven.receipt, checkpoint=note, timestamp=token).encode(), trust)


def test_a_verifier_without_all_trust_is_told_what_he_did_not_confirm(proven: Proven, trust: ReceiptTrust) -> None:
    raw, keys, timestamps = proven.path.read_bytes(), trust.log_keys, trust.verify_timestamp
    assert judge_receipt(raw, keys, timestamps).standing is Standing.CONFIRMED
    assert judge_receipt(raw, [], timestamps).standing is Standing.OWN_WORD
    assert judge_receipt(raw, keys, TokenVerifier([])).standing is Standing.TIMESTAMP_UNCONFIRMED


def test_an_inconsistent_receipt_is_refused_even_without_any_trust(
    proven: Proven, timestamper: OpensslTimestamper
) -> None:
    stranger = LocalNoteSigner("other.example.jp/log", Ed25519PrivateKey.generate())
    for broken in (
        replace(proven.receipt, index=3),
        replace(proven.receipt, log_key=stranger.verifier.vkey),
        replace(proven.receipt, log_key="x"),
    ):
        with pytest.raises(ReceiptRefused):
            judge_receipt(broken.encode(), [], TokenVerifier([]))


def test_the_command_refuses_a_forged_receipt_and_says_what_it_confirmed(proven: Proven, tmp_path: Path) -> None:
    options = ["--receipt", str(proven.path), "--trust", str(proven.tsa_root)]
    key = ["--log-key", proven.receipt.log_key]
    pdf = Path(__file__).parents[1] / "fixtures" / "pdf" / "weasyprint.pdf"
    told = CliRunner().invoke(verify_command, [str(pdf), *options, *key, "--json"])
    assert json.loads(told.output)["receipt"] == "confirmed"
    forged = tmp_path / "forged.json"
    forged.write_bytes(replace(proven.receipt, index=3).encode())
    refused = CliRunner().invoke(verify_command, [str(pdf), "--receipt", str(forged)])
    assert refused.exit_code == 2
    assert "原本性証明書は確認できません" in refused.output


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"a":NaN}',
        b'{"a":1.0}',
        b'{"v":1,"v":1}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b" " * (1 << 20) + b"{}",
    ],
)
def test_what_is_no_receipt_is_refused(raw: bytes, trust: ReceiptTrust) -> None:
    with pytest.raises(ReceiptRefused):
        verify_receipt(raw, trust)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(ReceiptRefused):
        parse_receipt(raw)


def with_member(receipt: Receipt, path: list[str | int], value: object) -> bytes:
    content = json.loads(receipt.encode())
    content["entry"]["journal"] = {"position": 1, "chain_hash": "0" * 64} if "journal" in path else None
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return with_digest(content)


@pytest.mark.parametrize("value", [None, True, -1, "x", [], {}, [1], {"a": 1}])
@pytest.mark.parametrize(
    "path",
    [
        ["v"],
        ["entry"],
        ["index"],
        ["proof"],
        ["proof", 0],
        ["checkpoint"],
        ["timestamp"],
        ["log_key"],
        ["assurance"],
        ["unknown"],
        ["entry", "v"],
        ["entry", "event"],
        ["entry", "time"],
        ["entry", "salt"],
        ["entry", "files"],
        ["entry", "files", 0],
        ["entry", "files", 0, "sha256"],
        ["entry", "files", 0, "size"],
        ["entry", "signatures", 0],
        ["entry", "signatures", 0, "name"],
        ["entry", "journal", "position"],
        ["entry", "unknown"],
    ],
)
def test_members_of_a_wrong_type_are_refused(
    proven: Proven, trust: ReceiptTrust, path: list[str | int], value: object
) -> None:
    raw = with_member(proven.receipt, path, value)
    with pytest.raises(ReceiptRefused):
        verify_receipt(raw, trust)


def test_two_entries_of_equal_content_have_different_leaves() -> None:
    entry = concluded_entry()
    assert entry.leaf_data != replace(entry, salt="ff" * 16).leaf_data


def test_a_journal_entry_travels_in_a_receipt_too(
    trust: ReceiptTrust, log_signer: LocalNoteSigner, timestamper: OpensslTimestamper
) -> None:
    entry = Entry(
        Event.JOURNAL, "journal", "", "2026-11-23T03:00:00.000000Z", "0" * 32, journal=JournalHead(9, Digest("a" * 64))
    )
    receipt = make_receipt(entry, log_signer, timestamper)
    assert verify_receipt(receipt.encode(), trust).receipt.entry == entry


@given(st.text(max_size=40), st.integers(0, 2**53 - 1))
def test_any_name_survives_the_canonical_form(name: str, size: int) -> None:
    entry = replace(concluded_entry(), number=name, files=(SealedFile(Digest("0" * 64), size, "application/pdf"),))
    assert json.loads(entry.canonical)["number"] == name
    assert canonical(json.loads(entry.canonical)) == entry.canonical
