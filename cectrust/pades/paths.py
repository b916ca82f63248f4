"""Whether a person's certificate is good now: path, dates, revocation (RFC 5280, 6; EN 319 102-1, 5.2.6)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath

from cectrust.pades.certificates import asn1_certificate
from cectrust.pades.errors import CertificateRefused, revocation_unknown
from cectrust.pades.model import TrustStore
from cectrust.pades.protocols import RevocationSource
from cectrust.pades.trust import REVOCATION_POLICY, RevocationData, certificates, gather


@dataclass(frozen=True, slots=True)
class AcceptedPath:
    """A path that was validated: DER certificates between the person's (excluded) and the anchor (excluded)."""

    intermediates: tuple[bytes, ...]
    anchor: bytes


def check_certificate(
    certificate: bytes, trust: TrustStore, revocation: RevocationSource, at: datetime
) -> AcceptedPath | None:
    """Validate one DER certificate with fresh revocation data at ``at`` (aware).

    ``None``: it does not chain to these anchors at all, so it is somebody else's. Revocation data is asked for only
    after a path to an anchor was found.

    Raises:
        CertificateRefused: it chains to an anchor, but is expired, revoked or violates a constraint.
        Unavailable: neither OCSP nor a CRL told whether it is revoked.
    """
    return asyncio.run(_check(certificate, trust, revocation, at))


async def _check(
    certificate: bytes, trust: TrustStore, revocation: RevocationSource, at: datetime
) -> AcceptedPath | None:
    path = await _validated(certificate, trust, at, None)
    if path is None:
        return None
    data, began = RevocationData(), monotonic()
    gather(path, revocation, data)
    # An answer is dated when it is given: asking may take seconds, and it must not seem to come from the future.
    await _validated(certificate, trust, at + timedelta(seconds=monotonic() - began), data)
    chain = [found.dump() for found in path.iter_certs(include_root=True)]
    return AcceptedPath(tuple(chain[1:-1]), chain[0])


async def _validated(
    certificate: bytes, trust: TrustStore, at: datetime, data: RevocationData | None
) -> ValidationPath | None:
    """Build and check the path; with ``data`` every certificate below the anchor must also be shown unrevoked."""
    context = _context(trust, at, data)
    try:
        validator = CertificateValidator(asn1_certificate(certificate), validation_context=context)
        return await validator.async_validate_usage({"non_repudiation"})
    except PathBuildingError:
        return None
    except InsufficientRevinfoError as error:
        raise revocation_unknown(str(error)) from error
    except ValidationError as error:
        raise _refusal(error) from error
    finally:
        await context.aclose()


def _context(trust: TrustStore, at: datetime, data: RevocationData | None) -> ValidationContext:
    known = {"trust_roots": certificates(trust.anchors), "other_certs": certificates(trust.intermediates)}
    if data is None:
        return ValidationContext(**known, moment=at, allow_fetching=False, revocation_mode="soft-fail")
    return ValidationContext(
        **known,
        moment=at,
        allow_fetching=False,
        revinfo_policy=REVOCATION_POLICY,
        ocsps=list(data.ocsps.values()),
        crls=list(data.crls.values()),
    )


def _refusal(error: ValidationError) -> CertificateRefused:
    """The three things a holder can understand; everything else is a matter for the authority."""
    if isinstance(error, RevokedError):
        code, ja, en = (
            "certificate_revoked",
            "この電子証明書は失効しているため、署名に使えません。有効な電子証明書を選ぶか、発行した認証局へお問い合わせください。",
            "The certificate is revoked and can't sign. Choose another one, or ask the authority that issued it.",
        )
    elif isinstance(error, ExpiredError | NotYetValidError):
        code, ja, en = (
            "certificate_not_in_force",
            "この電子証明書は有効期間外のため、署名に使えません。有効期間内の電子証明書を選ぶか、更新してください。",
            "The certificate is expired or not yet valid. Choose one that is in force, or renew it.",
        )
    else:
        code, ja, en = (
            "certificate_unfit",
            "この電子証明書は電子署名に使えません（用途または発行の条件を満たしていません）。"
            "ほかの電子証明書を選ぶか、発行した認証局へお問い合わせください。",
            "The certificate does not meet the conditions for signatures. Choose another one, or ask its authority.",
        )
    return CertificateRefused(code, ja, en, str(error))
