"""Errors of the transparency log engine; each says in Japanese and English what is wrong."""

from __future__ import annotations


class TlogError(ValueError):
    """Base of this engine's errors: bytes, proofs or notes that don't hold."""

    def __init__(self, code: str, ja: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.ja = ja
        self.en = en


class ProofInvalid(TlogError):
    """A Merkle proof does not lead to the given root (RFC 9162 section 2.1)."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "proof_invalid", "原本台帳の証明が成り立ちません。", f"the Merkle proof does not hold: {detail}"
        )


class NoteInvalid(TlogError):
    """Bytes are no signed note, or no key we trust has signed it (C2SP signed-note)."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "note_invalid",
            "原本台帳のチェックポイントが正しくありません。",
            f"the signed note is invalid: {detail}",
        )


class TreeRangeInvalid(TlogError):
    """A tree, index or tile was asked for that does not exist."""

    def __init__(self, detail: str) -> None:
        super().__init__("tree_range_invalid", "原本台帳の範囲外です。", f"outside the tree: {detail}")
