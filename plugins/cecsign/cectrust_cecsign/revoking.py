"""Revocation: recorded first, with reason, requester and evidence (rule T6), then published."""

from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Act, Actor, PluginContext
from cectrust_cecsign.errors import RevocationIncomplete, RevocationRefused
from cectrust_cecsign.instants import now
from cectrust_cecsign.model import IssuedCertificate, Profile, Reason, Revocation
from cectrust_cecsign.publishing import presign, publish_crl
from cectrust_cecsign.store import certificates, status


def revoke(context: PluginContext, actor: Actor, serial: str, reason: Reason, requester: str, evidence: str) -> None:
    """Revoke for good, then publish a new CRL and OCSP response.

    If publishing fails the revocation stands: the refresh job publishes it, and until then OCSP says ``tryLater``
    rather than ``good``.

    Raises:
        RevocationIncomplete: requester or evidence is missing.
        RevocationRefused: not issued here, a root, or revoked already.
    """
    with context.transaction() as session:
        certificate = _revocable(session, serial)
        _record(context, session, actor, serial, reason, requester, evidence)
    publish_crl(context, actor, certificate.issuer)
    if certificate.profile is Profile.SUBSCRIBER:
        presign(context, [serial])


def _revocable(session: Session, serial: str) -> IssuedCertificate:
    certificate = certificates.issued(session, serial)
    if certificate is None or certificate.profile in {Profile.ROOT, Profile.TSA_ROOT}:
        raise RevocationRefused(detail=serial)
    if status.revocation_of(session, serial) is not None:
        raise RevocationRefused(detail=f"{serial} is revoked already")
    return certificate


def _record(
    context: PluginContext,
    session: Session,
    actor: Actor,
    serial: str,
    reason: Reason,
    requester: str,
    evidence: str,
) -> None:
    for field, value in (("requester", requester), ("evidence", evidence)):
        if not value.strip():
            raise RevocationIncomplete(field)
    entry = Revocation(serial, reason, requester.strip(), evidence.strip(), now(context.clock))
    status.add_revocation(session, entry)
    detail = {"reason": reason.value, "requester": entry.requester, "evidence": entry.evidence}
    context.journal.record(session, actor, Act("cecsign.certificate_revoked", serial, detail=detail))
