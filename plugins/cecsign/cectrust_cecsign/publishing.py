"""What relying parties fetch: CRLs (RFC 5280 5) and pre-signed OCSP responses (RFC 6960, RFC 5019)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Act, Actor, PluginContext
from cectrust_cecsign.cakeys import certified_key, open_ca_key, open_ca_token
from cectrust_cecsign.errors import NotInitialised, RegisterBroken
from cectrust_cecsign.instants import now, to_instant
from cectrust_cecsign.keys import TokenEcKey, TokenRsaKey, load_key
from cectrust_cecsign.lint import lint_crl, lint_ocsp
from cectrust_cecsign.model import Authority, Reason, Revocation
from cectrust_cecsign.ocsp_requests import CERT_ID_HASHES
from cectrust_cecsign.settings import settings_of
from cectrust_cecsign.store import authorities, certificates, status
from cectrust_cecsign.tbs import throw_away_key

DER = Encoding.DER
LINTED_ENTRIES = 500
"""pkilint takes 0.4 ms an entry; older entries were linted when they were new."""


def publish_crl(context: PluginContext, actor: Actor, issuer: Authority) -> None:
    """Sign and store the next full CRL of ``issuer``; the linter sees it before the key does."""
    with open_ca_key(context, issuer) as key, context.transaction() as session:
        stored = _next_crl(context, session, issuer, key)
        status.add_crl(session, stored)
        detail = {"number": stored.number, "entries": stored.entries}
        context.journal.record(session, actor, Act("cecsign.crl_published", issuer.value, detail=detail))


def crl_due(context: PluginContext, issuer: Authority) -> bool:
    """Whether half of the CRL's life is over, or a revocation is not on it yet."""
    with context.reading() as session:
        current = status.newest_crl(session, issuer)
        revoked = status.count_revocations(session, issuer)
    if current is None or current.entries != revoked:
        return True
    return to_instant(now(context.clock)) >= (current.this_update + current.next_update) // 2


def presign_due(context: PluginContext) -> int:
    """Sign OCSP responses for every subscriber certificate that needs one; returns how many certificates."""
    moment = now(context.clock)
    half = timedelta(hours=settings_of(context).ocsp_hours) / 2
    with context.reading() as session:
        serials = status.due_for_response(session, fresh_until=moment + half, alive_at=moment)
    if serials:
        presign(context, serials)
    return len(serials)


def presign(context: PluginContext, serials: Sequence[str]) -> None:
    """Sign one response for each certificate and each CertID hash, and store it in place of the old one."""
    with context.reading() as session:
        newest = authorities.newest_responder(session)
    if newest is None:
        raise NotInitialised(detail="ocsp responder")
    with open_ca_token(context, Authority.ISSUING) as token:
        key = load_key(token, newest[0])
        for serial in serials:
            with context.transaction() as session:
                _presign_one(context, session, serial, key, newest[1])


def _next_crl(context: PluginContext, session: Session, issuer: Authority, key: TokenRsaKey) -> status.StoredCrl:
    settings, this_update = settings_of(context), now(context.clock)
    days = settings.root_crl_days if issuer is Authority.ROOT else settings.crl_days
    updates = (this_update, this_update + timedelta(days=days))
    number = authorities.next_crl_number(session, issuer)
    revoked = status.revocations_by(session, issuer)
    certificate = x509.load_der_x509_certificate(authorities.certificate_of(session, issuer))
    lint_crl(build_crl(certificate, throw_away_key(), number, revoked[-LINTED_ENTRIES:], updates).public_bytes(DER))
    crl = build_crl(certificate, key, number, revoked, updates)
    if not crl.is_signature_valid(certified_key(session, issuer)):
        raise RegisterBroken(detail="the token's signature on the CRL does not verify")
    this, following = (to_instant(moment) for moment in updates)
    return status.StoredCrl(issuer, number, crl.public_bytes(DER), len(revoked), this, following)


def build_crl(
    issuer: x509.Certificate,
    key: rsa.RSAPrivateKey,
    number: int,
    revoked: Sequence[Revocation],
    updates: tuple[datetime, datetime],
) -> x509.CertificateRevocationList:
    """A full CRL with cRLNumber and authorityKeyIdentifier; ``updates`` are thisUpdate and nextUpdate.

    Expired certificates stay on it: a signature is checked years after it was made.
    """
    # The list goes in at once: adding one by one copies all that were added before.
    entries = [_entry(revocation) for revocation in revoked]
    builder = x509.CertificateRevocationListBuilder(issuer.subject, *updates, revoked_certificates=entries)
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())  # type: ignore[arg-type]
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    return builder.add_extension(authority_key, critical=False).sign(key, hashes.SHA256())


def _entry(revocation: Revocation) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(int(revocation.serial, 16), revocation.revoked_at)
    if revocation.reason is not Reason.UNSPECIFIED:  # RFC 5280 5.3.1: leave out rather than say "unspecified"
        builder = builder.add_extension(x509.CRLReason(_flag(revocation.reason)), critical=False)
    return builder.build()


def _flag(reason: Reason) -> x509.ReasonFlags:
    return x509.ReasonFlags(reason.value)


def _presign_one(
    context: PluginContext, session: Session, serial: str, key: TokenRsaKey | TokenEcKey, responder: bytes
) -> None:
    subject = certificates.issued(session, serial)
    if subject is None:
        raise RegisterBroken(detail=f"{serial} is not issued")
    issuer = authorities.certificate_of(session, subject.issuer)
    revocation = status.revocation_of(session, serial)
    for name in CERT_ID_HASHES:
        stored = _response(context, (subject.der, issuer, responder), name, revocation, key)
        lint_ocsp(stored.der)
        status.put_response(session, serial, name, stored)


def _response(
    context: PluginContext,
    chain: tuple[bytes, bytes, bytes],
    hash_name: str,
    revocation: Revocation | None,
    key: TokenRsaKey | TokenEcKey,
) -> status.StoredResponse:
    subject, issuer, responder = (x509.load_der_x509_certificate(der) for der in chain)
    this_update = now(context.clock)
    next_update = min(this_update + timedelta(hours=settings_of(context).ocsp_hours), responder.not_valid_after_utc)
    known = revocation is not None and revocation.reason is not Reason.UNSPECIFIED
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=subject,
        issuer=issuer,
        algorithm=CERT_ID_HASHES[hash_name],
        cert_status=ocsp.OCSPCertStatus.GOOD if revocation is None else ocsp.OCSPCertStatus.REVOKED,
        this_update=this_update,
        next_update=next_update,
        revocation_time=None if revocation is None else revocation.revoked_at,
        revocation_reason=_flag(revocation.reason) if revocation is not None and known else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder).certificates([responder])
    der = builder.sign(key, hashes.SHA256()).public_bytes(DER)
    return status.StoredResponse(der, revocation is not None, to_instant(this_update), to_instant(next_update))
