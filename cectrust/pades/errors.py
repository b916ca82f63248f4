"""Errors of the signing engine; every one carries a code and a sentence in Japanese and English."""

from __future__ import annotations


class PadesError(Exception):
    """Base of all errors of this engine."""

    def __init__(self, code: str, ja: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.ja = ja
        self.en = en


class DocumentRefused(PadesError):
    """The uploaded file can't become a contract document: encrypted, active content, broken ..."""


class FieldRefused(PadesError):
    """A signature field doesn't exist, exists already, is signed, or doesn't fit on its page."""


class CertificateRefused(PadesError):
    """The certificate can't be parsed, or its key or signature algorithm is not accepted (T18)."""


class SignatureRefused(PadesError):
    """The signature from the bridge doesn't verify, or is over other attributes than ours."""


class LongTermFailed(PadesError):
    """Validation data is incomplete, so that the signature could not be proven after expiry (T15)."""
