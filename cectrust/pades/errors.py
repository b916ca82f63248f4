"""Errors of the signing engine, part of the house's one tree."""

from __future__ import annotations

from cectrust.sdk.errors import InputRefused, Unavailable


class PadesError(InputRefused):
    """Base of all errors of this engine: what came in can't be signed, embedded or extended."""


class DocumentRefused(PadesError):
    """The uploaded file can't become a contract document: encrypted, active content, broken ..."""


class FieldRefused(PadesError):
    """A signature field doesn't exist, exists already, is signed, or doesn't fit on its page."""


class CertificateRefused(PadesError):
    """The certificate can't be parsed, or its key or signature algorithm is not accepted (T18)."""


class SealRefused(PadesError):
    """The seal image is not a PNG within the limits."""


class SignatureRefused(PadesError):
    """The signature from the bridge doesn't verify, or is over other attributes than ours."""


class LongTermFailed(PadesError):
    """Validation data is incomplete, so that the signature could not be proven after expiry (T15)."""


def revocation_unknown(detail: str) -> Unavailable:
    """The authority gave no usable revocation data: a reason to try again, never to refuse."""
    return Unavailable(
        "revocation_unknown",
        "電子証明書の失効情報を認証局から取得できませんでした。しばらくしてから、もう一度お試しください。",
        "Neither OCSP nor a CRL told whether the certificate is revoked; try again shortly.",
        detail,
    )
