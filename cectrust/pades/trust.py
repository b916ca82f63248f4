"""Trust and revocation data in the form the validation library wants; never a network fetch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from cectrust.pades.certificates import asn1_certificate
from cectrust.pades.protocols import RevocationSource

_EITHER = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED

REVOCATION_POLICY = CertRevTrustPolicy(RevocationCheckingPolicy(_EITHER, _EITHER))
"""Every certificate below an anchor needs a CRL or an OCSP response, whatever it declares itself."""

_UNREADABLE = (ValueError, TypeError, KeyError)


@dataclass
class RevocationData:
    """What was gathered so far, parsed; each item once."""

    ocsps: dict[bytes, asn1_ocsp.OCSPResponse] = field(default_factory=dict)
    crls: dict[bytes, asn1_crl.CertificateList] = field(default_factory=dict)

    def add_ocsp(self, der: bytes) -> None:
        """Keep one response. What can't be parsed is as good as absent."""
        try:
            response = asn1_ocsp.OCSPResponse.load(der, strict=True)
            if response["response_status"].native == "successful":
                _ = response.basic_ocsp_response.native
                self.ocsps[der] = response
        except _UNREADABLE:
            return

    def add_crl(self, der: bytes) -> None:
        """Keep one CRL. What can't be parsed is as good as absent."""
        try:
            crl = asn1_crl.CertificateList.load(der, strict=True)
            _ = crl["tbs_cert_list"]["this_update"].native
            self.crls[der] = crl
        except _UNREADABLE:
            return


def certificates(ders: Iterable[bytes]) -> list[x509.Certificate]:
    """Parse DER certificates; raises `CertificateRefused`."""
    return [asn1_certificate(der) for der in ders]


async def find_path(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], anchors: Sequence[bytes]
) -> ValidationPath | None:
    """Return a path from `leaf` to an anchor with signatures and constraints checked, without revocation.

    None when there is none: only what has a path may cause a request for revocation data.
    """
    context = ValidationContext(
        trust_roots=certificates(anchors), other_certs=list(others), allow_fetching=False,
        revocation_mode="soft-fail",
    )
    try:
        validator = CertificateValidator(leaf, intermediate_certs=list(others), validation_context=context)
        return await validator.async_validate_path()
    except (PathBuildingError, PathValidationError):
        return None
    finally:
        await context.aclose()


def gather(path: ValidationPath, source: RevocationSource, data: RevocationData) -> None:
    """Ask `source` for every certificate below the anchor: OCSP first, CRLs where there is no response.

    OCSP only where the certificate names a responder: the library ignores responses for others.
    """
    chain = list(path.iter_certs(include_root=True))
    for issuer, certificate in zip(chain, chain[1:], strict=False):
        response = source.ocsp(certificate.dump(), issuer.dump()) if certificate.ocsp_urls else None
        if response is not None:
            data.add_ocsp(response)
            continue
        for crl in source.crls(certificate.dump()):
            data.add_crl(crl)
