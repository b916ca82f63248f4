"""Signed notes and checkpoints, C2SP signed-note and tlog-checkpoint."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from cectrust.tlog import (
    EMPTY_ROOT,
    Checkpoint,
    LocalNoteSigner,
    NoteInvalid,
    TlogError,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    sign_checkpoint,
    sign_note,
)

# The example of Go's sumdb/note documentation: a key and a signature that other people made.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)

SIGNER = LocalNoteSigner("log.example.jp/demo", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = LocalNoteSigner("log.example.jp/demo", Ed25519PrivateKey.from_private_bytes(bytes(32)))
CHECKPOINT = Checkpoint("log.example.jp/demo", 7, bytes(range(32)))


def test_a_note_of_another_implementation_opens() -> None:
    verifier = parse_vkey(GO_VKEY)
    assert verifier.vkey == GO_VKEY
    assert open_note(GO_NOTE, [verifier]).encode() == GO_NOTE


def test_a_checkpoint_opens_with_the_logs_key() -> None:
    note = sign_checkpoint(CHECKPOINT, SIGNER)
    assert note.startswith("log.example.jp/demo\n7\nAAECAwQ")
    assert open_checkpoint(note, [SIGNER.verifier]) == CHECKPOINT


def test_a_checkpoint_of_another_key_is_refused() -> None:
    with pytest.raises(NoteInvalid):
        open_checkpoint(sign_checkpoint(CHECKPOINT, OTHER), [SIGNER.verifier])


def test_a_witness_alone_cannot_vouch_for_the_log() -> None:
    witness = LocalNoteSigner("witness.example.org", Ed25519PrivateKey.generate())
    with pytest.raises(NoteInvalid):
        open_checkpoint(sign_checkpoint(CHECKPOINT, witness), [witness.verifier])
    with pytest.raises(NoteInvalid):
        open_checkpoint(sign_checkpoint(CHECKPOINT, witness), [witness.verifier, SIGNER.verifier])


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    witness = LocalNoteSigner("witness.example.org", Ed25519PrivateKey.generate())
    note = sign_checkpoint(CHECKPOINT, SIGNER) + witness.sign(CHECKPOINT.text.encode()) + "\n"
    assert open_checkpoint(note, [SIGNER.verifier]) == CHECKPOINT


def test_a_bad_signature_of_a_known_key_spoils_the_note() -> None:
    forged = OTHER.sign(CHECKPOINT.text.encode()).split(" ")[-1]
    raw = SIGNER.verifier.key_id + base64.b64decode(forged)[4:]
    line = f"— {SIGNER.verifier.name} {base64.b64encode(raw).decode()}\n"
    with pytest.raises(NoteInvalid):
        open_note(sign_checkpoint(CHECKPOINT, SIGNER) + line, [SIGNER.verifier])


@given(st.integers(0, 2**63), st.integers(1, 255))
def test_a_changed_byte_is_refused(seed: int, flip: int) -> None:
    note = bytearray(sign_checkpoint(CHECKPOINT, SIGNER).encode())
    note[seed % len(note)] ^= flip
    with pytest.raises((TlogError, UnicodeDecodeError)):
        open_checkpoint(note.decode(), [SIGNER.verifier])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        "a\n",
        "a\n\n",
        "a\n\n— x\n",
        "a\n\n-- x eHh4eHh4\n",
        "a\n\n— x eHh4eHh4",
        "a\r\n\n— x eHh4eHh4\n",
        "a\n\n— x eHh4\n",
        "a\n\n— x eHh4eHg\n",
        "\ud800\n\n— x eHh4eHh4\n",
        "a\n\n" + "— x eHh4eHh4\n" * 101,
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(NoteInvalid):
        parse_note(note)


@pytest.mark.parametrize(
    "text",
    [
        "log\n07\n" + base64.b64encode(EMPTY_ROOT).decode() + "\n",
        "log\n-1\n" + base64.b64encode(EMPTY_ROOT).decode() + "\n",
        "log\n1\nAAAA\n",
        "log\n1\n" + base64.b64encode(EMPTY_ROOT).decode() + "\nextension\n",
        "\n1\n" + base64.b64encode(EMPTY_ROOT).decode() + "\n",
        "log\n1\n" + base64.b64encode(EMPTY_ROOT).decode(),
    ],
)
def test_texts_that_are_no_checkpoint_are_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        parse_checkpoint(text)


@pytest.mark.parametrize("vkey", ["", "a+b", GO_VKEY.replace("c74f", "c74e"), GO_VKEY + "=", "a b+c74f20a3+AR=="])
def test_malformed_keys_are_refused(vkey: str) -> None:
    with pytest.raises(NoteInvalid):
        parse_vkey(vkey)


def test_text_that_could_not_be_read_back_is_not_signed() -> None:
    for text in ["no newline", "tab\t\n", ""]:
        with pytest.raises(NoteInvalid):
            sign_note(text, SIGNER)
