"""Errors of the transparency log engine; each says in Japanese and English what is wrong."""

from __future__ import annotations

from cectrust.sdk.errors import CectrustError


class TlogError(CectrustError):
    """Base of this engine's errors: bytes, proofs or notes that don't hold."""


class ProofInvalid(TlogError):
    """A Merkle proof does not lead to the given root (RFC 9162 section 2.1)."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "proof_invalid",
            "原本台帳の証明が成り立ちません。改ざん、または別の台帳の証明です。",
            "The Merkle proof does not hold: something was altered, or it belongs to another log.",
            detail,
        )


class NoteInvalid(TlogError):
    """Bytes are no signed note, or no key we trust has signed it (C2SP signed-note)."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "note_invalid",
            "原本台帳のチェックポイントの署名を確認できません。",
            "The signature of the log's checkpoint can't be confirmed.",
            detail,
        )


class TreeRangeInvalid(TlogError):
    """A tree, index or tile was asked for that does not exist."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "tree_range_invalid",
            "原本台帳にない範囲です。",
            "Outside the log, or not a well-formed part of it.",
            detail,
        )
