"""Judging a time-stamp token that stands alone, such as one over a checkpoint (RFC 3161 section 2.4.2)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms, tsp, x509
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.general import extract_signer_info
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from cectrust.sdk.errors import InputRefused

_NO_ANCHOR = AdESIndeterminate.NO_CERTIFICATE_CHAIN_FOUND
_IMPRINT_ALGORITHMS = frozenset({"sha256", "sha384", "sha512"})


class TokenRefused(InputRefused):
    """A time-stamp token is malformed, over other bytes, or not of a trusted authority."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "timestamp_refused",
            "タイムスタンプを確認できません。",
            "The timestamp can't be confirmed.",
            detail,
        )


class TokenUntrusted(TokenRefused):
    """The token is whole and over the right bytes, but ends at none of the given roots: nothing else is known of it."""


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a verified token states: time (UTC), authority's name, SHA-256 (hex) of its certificate."""

    time: datetime
    authority: str
    certificate_sha256: str


@dataclass(frozen=True)
class TokenVerifier:
    """Judges tokens against TSA roots (DER); chains are judged as of the time that the token states."""

    anchors: Sequence[bytes]
    intermediates: Sequence[bytes] = ()

    def __call__(self, token: bytes, data: bytes) -> TokenFacts:
        """Return what the DER `TimeStampToken` over `data` states.

        Raises `TokenUntrusted` when only an anchor is missing, `TokenRefused` for all else.
        """
        return self._judged(token, _imprint_of(data))

    def over(self, token: bytes, digest: bytes, algorithm: str) -> TokenFacts:
        """The same for a token over a `digest` made with `algorithm`."""
        return self._judged(token, _imprint_is(digest, algorithm))

    def _judged(self, token: bytes, imprint: Callable[[str], bytes]) -> TokenFacts:
        try:
            return asyncio.run(self._verify(token, imprint))
        except TokenRefused:
            raise
        # A hostile token makes the library raise anything at all; every exception is a refusal.
        except Exception as error:
            raise TokenRefused(f"{type(error).__name__}: {error}"[:200]) from error

    async def _verify(self, token: bytes, imprint: Callable[[str], bytes]) -> TokenFacts:
        signed_data, info = _load(token)
        status = TimestampSignatureStatus(**await validate_tst_signed_data(signed_data, self._context(info), imprint))
        if status.intact and status.valid and status.trust_problem_indic is _NO_ANCHOR:
            raise TokenUntrusted(status.summary())
        if not (status.intact and status.valid and status.trusted):
            raise TokenRefused(status.summary())
        certificate = status.signing_cert
        return TokenFacts(
            time=info["gen_time"].native.astimezone(UTC),
            authority=str(certificate.subject.native.get("common_name", certificate.subject.human_friendly)),
            certificate_sha256=hashlib.sha256(certificate.dump()).hexdigest(),
        )

    def _context(self, info: tsp.TSTInfo) -> ValidationContext:
        return ValidationContext(
            trust_roots=[x509.Certificate.load(der) for der in self.anchors],
            other_certs=[x509.Certificate.load(der) for der in self.intermediates],
            moment=info["gen_time"].native,
            allow_fetching=False,
            revocation_mode="soft-fail",
        )


def signer_sha256(token: bytes) -> str:
    """Return the SHA-256 (hex) of the certificate that a token names as its signer's, unverified.

    Raises `TokenRefused`.
    """
    try:
        signed_data, _ = _load(token)
        certificate = extract_certs_for_validation(signed_data).signer_cert
        return hashlib.sha256(certificate.dump()).hexdigest()
    except TokenRefused:
        raise
    except Exception as error:
        raise TokenRefused(f"{type(error).__name__}: {error}"[:200]) from error


def _load(token: bytes) -> tuple[cms.SignedData, tsp.TSTInfo]:
    content = cms.ContentInfo.load(token, strict=True)
    if content["content_type"].native != "signed_data":
        raise TokenRefused("not signed data")
    signed_data = content["content"]
    extract_signer_info(signed_data)
    info = signed_data["encap_content_info"]["content"].parsed
    if not isinstance(info, tsp.TSTInfo):
        raise TokenRefused("not a time-stamp token")
    return signed_data, info


def _imprint_of(data: bytes) -> Callable[[str], bytes]:
    def imprint(algorithm: str) -> bytes:
        if algorithm not in _IMPRINT_ALGORITHMS:
            raise TokenRefused(f"the imprint's algorithm {algorithm} is not accepted")
        return hashlib.new(algorithm, data).digest()

    return imprint


def _imprint_is(digest: bytes, asked: str) -> Callable[[str], bytes]:
    def imprint(algorithm: str) -> bytes:
        if algorithm != asked:
            raise TokenRefused(f"the imprint is of {algorithm}, not of {asked}")
        return digest

    return imprint
