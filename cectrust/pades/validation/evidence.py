"""Revocation data a judgement may use: from the DSS of a revision, or from a source outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, x509
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation
from pyhanko.sign.validation.policy_decl import SignatureValidationSpec

from cectrust.pades.model import TrustStore
from cectrust.pades.protocols import RevocationSource
from cectrust.pades.trust import RevocationData, certificates, find_path, gather, validation_spec


@dataclass(frozen=True)
class Evidence:
    """Parsed revocation data and certificates; `present` tells whether the file brought any itself."""

    data: RevocationData
    certs: tuple[x509.Certificate, ...]
    present: bool

    def spec(self, trust: TrustStore) -> SignatureValidationSpec:
        """The offline validation policy over this evidence."""
        known = [*self.certs, *certificates(trust.intermediates)]
        return validation_spec(trust, self.data.local_knowledge(known))


def from_revision(revision: PdfHandler) -> Evidence:
    """Read the DSS as one revision shows it; empty when there is none (ETSI EN 319 142-1 section 5.4.2)."""
    data = RevocationData()
    try:
        store = DocumentSecurityStore.read_dss(revision)
    except NoDSSFoundError:
        return Evidence(data, (), present=False)
    for reference in store.ocsps:
        data.add_ocsp(reference.get_object().read_data(DecodePurpose.OCSP_RESPONSE))
    for reference in store.crls:
        data.add_crl(reference.get_object().read_data(DecodePurpose.CRL))
    return Evidence(data, tuple(store.load_certs()), present=bool(data.ocsps or data.crls))


async def completed(
    evidence: Evidence,
    tokens: Sequence[tuple[cms.SignedData, tuple[bytes, ...]]],
    trust: TrustStore,
    source: RevocationSource | None,
    at: datetime,
) -> Evidence:
    """Add what `source` knows about the signers of `tokens` that chain to their anchors."""
    if source is None:
        return evidence
    data = RevocationData(dict(evidence.data.ocsps), dict(evidence.data.crls))
    for signed_data, anchors in tokens:
        path = await token_path(signed_data, anchors, evidence, trust, at)
        if path is not None:
            gather(path, source, data)
    return Evidence(data, evidence.certs, evidence.present)


async def token_path(
    signed_data: cms.SignedData,
    anchors: tuple[bytes, ...],
    evidence: Evidence,
    trust: TrustStore,
    at: datetime,
) -> object | None:
    """A path for a token's signer that is valid at `at`, revocation apart; None when there is none."""
    found = extract_certs_for_validation(signed_data)
    others = [*found.other_certs, *evidence.certs, *certificates(trust.intermediates)]
    return await find_path(found.signer_cert, others, anchors, at)
