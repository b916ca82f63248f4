"""Checkpoints, the signed heads of a log: C2SP tlog-checkpoint."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cectrust.tlog.errors import NoteInvalid
from cectrust.tlog.hashing import HASH_SIZE
from cectrust.tlog.note import NoteSigner, NoteVerifier, open_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Head of a log: origin (its name), tree size in leaves, 32-byte root.

    Extension lines are refused: the specification discourages them and a receipt has no use for text
    that nobody interprets.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin or self.size < 0 or len(self.root) != HASH_SIZE:
            raise NoteInvalid("the checkpoint's origin, size or root is malformed")

    @property
    def text(self) -> str:
        """The note text: three lines, each ending in a newline."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    """Return the checkpoint as a signed note."""
    return sign_note(checkpoint.text, signer)


def open_checkpoint(note: str, verifiers: Sequence[NoteVerifier]) -> Checkpoint:
    """Return the checkpoint in `note` once a trusted log key named like its origin has signed it."""
    opened = open_note(note, verifiers)
    checkpoint = parse_checkpoint(opened.text)
    named = [verifier for verifier in verifiers if verifier.name == checkpoint.origin]
    if not named:
        raise NoteInvalid("no trusted key bears the log's name")
    open_note(note, named)
    return checkpoint


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text states, signature unchecked; only its exact form passes."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not _SIZE.fullmatch(lines[1]):
        raise NoteInvalid("the text is not a checkpoint of three lines")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteInvalid("the root hash is not base64") from error
    checkpoint = Checkpoint(lines[0], int(lines[1]), root)
    if checkpoint.text != text:
        raise NoteInvalid("the text is not in canonical form")
    return checkpoint
