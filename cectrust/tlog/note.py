"""Signed notes with Ed25519 keys: C2SP signed-note.

A note is UTF-8 text ending in a newline, a blank line, then one line `— name base64(key id || signature)`
per signature. The signature is over the text including its last newline.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cectrust.tlog.errors import NoteInvalid

_ED25519 = b"\x01"
_PUBLIC_KEY_SIZE = 32
_SIGNATURE_SIZE = 64
_MAX_SIGNATURES = 100
_MAX_NOTE_BYTES = 1 << 20
_NAME = re.compile(r"[^\s+]+")
_SIGNATURE_LINE = re.compile(r"— (?P<name>[^\s+]+) (?P<blob>[A-Za-z0-9+/]+={0,2})")


class NoteSigner(Protocol):
    """Whoever holds a log key; on the server it is the keys role, never a web process."""

    def sign(self, note_body: bytes) -> str:
        """Return the signature line (without newline) over a note's text in UTF-8, last newline included."""


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A named Ed25519 public key (32 raw bytes): the trust anchor for notes."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public_key) != _PUBLIC_KEY_SIZE:
            raise NoteInvalid("the key has no valid name or length")

    @property
    def key_id(self) -> bytes:
        """The 4 bytes by which signature lines refer to this key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as text, `name+hex key id+base64`, as it is published and compared."""
        return f"{self.name}+{self.key_id.hex()}+{_encode(_ED25519 + self.public_key)}"

    def verify(self, text: str, signature: bytes) -> None:
        """Return None if the 64-byte signature over `text` holds; else raise `NoteInvalid`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature as error:
            raise NoteInvalid(f"the signature of {self.name} does not hold") from error


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: the signer's claimed name, 4-byte key id and signature bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, without newline."""
        return f"— {self.name} {_encode(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed but unverified note; `text` ends in a newline."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> str:
        """Return the note as text; `parse_note` of it gives this value again."""
        return self.text + "\n" + "".join(signature.line + "\n" for signature in self.signatures)


class LocalNoteSigner:
    """A `NoteSigner` over a key in this process: for the keys role and for tests."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self.verifier = NoteVerifier(name, key.public_key().public_bytes_raw())
        self._key = key

    def sign(self, note_body: bytes) -> str:
        """See `NoteSigner.sign`."""
        signature = self._key.sign(note_body)
        return NoteSignature(self.verifier.name, self.verifier.key_id, signature).line


def parse_vkey(vkey: str) -> NoteVerifier:
    """Return the key that a `vkey` line states; raises `NoteInvalid` for any other spelling."""
    name, _, rest = vkey.partition("+")
    key_id, _, blob = rest.partition("+")
    raw = _decode(blob)
    if raw[:1] != _ED25519:
        raise NoteInvalid("the key is not an Ed25519 key")
    verifier = NoteVerifier(name, raw[1:])
    if verifier.key_id.hex() != key_id:
        raise NoteInvalid("the key id does not belong to the key")
    return verifier


def sign_note(text: str, signer: NoteSigner) -> str:
    """Return the signed note over `text`."""
    _require_text(text)
    return parse_note(f"{text}\n{signer.sign(text.encode())}\n").encode()


def parse_note(note: str) -> Note:
    """Return the parts of a signed note; raises `NoteInvalid` unless it has the one exact form."""
    if len(note.encode(errors="surrogatepass")) > _MAX_NOTE_BYTES:
        raise NoteInvalid("the note is too long")
    text, separator, lines = note.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise NoteInvalid("there is no block of signatures")
    text += "\n"
    _require_text(text)
    signature_lines = lines[:-1].split("\n")
    if len(signature_lines) > _MAX_SIGNATURES:
        raise NoteInvalid("there are too many signatures")
    return Note(text, tuple(_parse_signature(line) for line in signature_lines))


def open_note(note: str, verifiers: Sequence[NoteVerifier]) -> Note:
    """Return the note if at least one of `verifiers` signed it and none of their signatures is bad.

    Signatures of unknown keys are ignored, as signed-note demands. Raises `NoteInvalid`.
    """
    parsed = parse_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    verified = 0
    for signature in parsed.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is not None:
            verifier.verify(parsed.text, signature.signature)
            verified += 1
    if not verified:
        raise NoteInvalid("no trusted key has signed it")
    return parsed


def _parse_signature(line: str) -> NoteSignature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None:
        raise NoteInvalid("a signature line is malformed")
    blob = _decode(match["blob"])
    if len(blob) <= 4:
        raise NoteInvalid("a signature line is too short")
    return NoteSignature(match["name"], blob[:4], blob[4:])


def _require_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(char) < 0x20 and char != "\n" for char in text):
        raise NoteInvalid("the text holds control characters or no final newline")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise NoteInvalid("the text is not valid Unicode")


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes:
    """Strict RFC 4648 section 4: a second spelling of the same bytes would let a note be altered unseen."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteInvalid("base64 is malformed") from error
    if _encode(raw) != text:
        raise NoteInvalid("base64 is not canonical")
    return raw
