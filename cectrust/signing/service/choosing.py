"""Which certificate signs: what the bridge offers, judged for every contract of a batch, and the person's choice."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from cectrust.certificates import service as certificates
from cectrust.certificates.model import RecognisedCertificate, facts_of
from cectrust.contracts import service as contracts
from cectrust.pades import certificate_warnings
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused
from cectrust.sdk.protocols import Actor, CertificateKind, Instant
from cectrust.signing import batch_store
from cectrust.signing.bridge_messages import verify_certificate_list
from cectrust.signing.model import Batch, CertificateChoice
from cectrust.signing.service.batches import Entry, bridge_of, contents, own_batch
from cectrust.work import Work, Workplace

MOST_CERTIFICATES = 50
"""More on one person's tokens are not looked at."""
Kinds = Counter[tuple[str, ...]]


def choices(
    actor: Actor, place: Workplace, batch_id: str, connection_id: str, listed: Mapping[str, object]
) -> list[CertificateChoice]:
    """Which of the certificates that the bridge listed may sign how many of the contracts, the most useful first."""
    with place.reading() as work:
        _, entries = contents(actor, work, batch_id)
        connection, jwk = bridge_of(actor, work, connection_id)
    kinds = Counter(entry.contract.kinds for entry in entries if _to_sign(actor, entry))
    offered = verify_certificate_list(listed, jwk=jwk, origin=connection.origin, jti=connection.id)
    found = [_choice(actor, place, kinds, certificate) for certificate in offered[:MOST_CERTIFICATES]]
    return sorted(found, key=lambda choice: -choice.contracts)


def choose(actor: Actor, work: Work, batch_id: str, certificate: bytes, life: int) -> Batch:
    """Sign with this certificate (DER), within ``life`` microseconds from now.

    What was prepared for another certificate, or too long ago, is prepared anew.

    Raises:
        NotFound: not this user's batch. InputRefused: not a certificate.
        Conflict: part of the batch is signed with another one already.
    """
    batch = own_batch(actor, work, batch_id)
    facts_of(certificate)
    now = work.clock.now()
    good = batch.certificate == certificate and batch.expires_at is not None and batch.expires_at > now
    if good:
        return batch
    _begin_again(work, batch, certificate)
    expires_at = Instant(now + life)
    batch_store.change_batch(work.session, batch.id, {"certificate": certificate, "expires_at": expires_at})
    return replace(batch, certificate=certificate, expires_at=expires_at)


def _begin_again(work: Work, batch: Batch, certificate: bytes) -> None:
    requests = batch_store.requests_of_batch(work.session, batch.id)
    started = [request for request in requests.values() if request.started]
    if any(request.signer.certificate != certificate for request in started):
        raise Conflict(
            "another_certificate",
            "この一括署名の一部は、別の電子証明書で署名されています。残りは、契約の一覧から選び直してください。",
            "Part of this batch was signed with another certificate; choose the rest anew from the list.",
        )
    open_ones = [ordinal for ordinal, request in requests.items() if not request.started]
    batch_store.forget_requests(work.session, batch.id, open_ones)


def _to_sign(actor: Actor, entry: Entry) -> bool:
    try:
        contracts.slot_of_turn(actor, entry.contract)
    except CectrustError:
        return False
    return True


def _choice(actor: Actor, place: Workplace, kinds: Kinds, certificate: bytes) -> CertificateChoice:
    sha256 = hashlib.sha256(certificate).hexdigest()
    try:
        facts = facts_of(certificate)
    except InputRefused as refusal:
        return CertificateChoice(sha256, "", "", None, None, contracts=0, why=refusal)
    kind: CertificateKind | None = None
    usable, why = 0, None
    try:
        recognised = certificates.recognise(place, certificate)
        kind = recognised.kind
        usable, why = _suited(actor, place, recognised, kinds)
    except CectrustError as refusal:
        why = refusal
    warnings = certificate_warnings(certificate)
    return CertificateChoice(sha256, facts.holder, facts.issuer, facts.not_after, kind, usable, why, warnings)


def _suited(
    actor: Actor, place: Workplace, recognised: RecognisedCertificate, kinds: Kinds
) -> tuple[int, CectrustError | None]:
    """How many contracts it may sign, and what stands against the others."""
    usable, why = 0, None
    for agreed, count in kinds.items():
        try:
            with place.reading() as work:
                certificates.check_for_signing(actor, work, recognised, agreed)
            usable += count
        except CectrustError as refusal:
            why = refusal
    return usable, why
