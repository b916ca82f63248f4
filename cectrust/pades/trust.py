"""Trust and revocation data in the form the validation library wants; never a network fetch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    LocalKnowledge,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from cectrust.pades.certificates import asn1_certificate
from cectrust.pades.model import TrustStore
from cectrust.pades.protocols import RevocationSource

_EITHER = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED

REVOCATION_POLICY = CertRevTrustPolicy(RevocationCheckingPolicy(_EITHER, _EITHER))
"""Every certificate below an anchor needs a CRL or an OCSP response, whatever it declares itself."""

_NO_REVOCATION = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
)
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

    def local_knowledge(self, known: Sequence[x509.Certificate]) -> LocalKnowledge:
        """The same with `known` certificates, as the library takes it."""
        return LocalKnowledge(
            known_ocsps=[one for ocsp in self.ocsps.values() for one in OCSPContainer.load_multi(ocsp)],
            known_crls=[CRLContainer(crl) for crl in self.crls.values()],
            known_certs=list(known),
        )

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
    leaf: x509.Certificate,
    others: Sequence[x509.Certificate],
    anchors: Sequence[bytes],
    at: datetime | None = None,
) -> ValidationPath | None:
    """Return a path from `leaf` to an anchor with signatures and constraints checked, without revocation.

    None when there is none: only what has a path may cause a request for revocation data. `at` is the
    moment at which the whole path has to be within its validity, by default now.
    """
    context = ValidationContext(
        trust_roots=certificates(anchors),
        other_certs=list(others),
        allow_fetching=False,
        revinfo_policy=_NO_REVOCATION,
        moment=at,
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
    for issuer, certificate in pairwise(chain):
        response = source.ocsp(certificate.dump(), issuer.dump()) if certificate.ocsp_urls else None
        if response is not None:
            data.add_ocsp(response)
            continue
        for crl in source.crls(certificate.dump()):
            data.add_crl(crl)


def validation_spec(trust: TrustStore, knowledge: LocalKnowledge) -> SignatureValidationSpec:
    """Offline policy: signers end at `anchors`, timestamps at `tsa_anchors`, revocation always required."""
    return SignatureValidationSpec(
        cert_validation_policy=_policy(trust.anchors),
        ts_cert_validation_policy=_policy(trust.tsa_anchors),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            RevinfoOnlineFetchingRule.LOCAL_ONLY,
            certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
        ),
        local_knowledge=knowledge,
    )


def _policy(anchors: Sequence[bytes]) -> CertValidationPolicySpec:
    return CertValidationPolicySpec(SimpleTrustManager.build(certificates(anchors)), REVOCATION_POLICY)
