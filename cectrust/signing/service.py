"""Asking for a signature and taking it in. What happens after acceptance is ``cectrust.signing.workflow``."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cectrust.certificates import service as certificates
from cectrust.certificates.model import RecognisedCertificate, SigningCertificate, facts_of
from cectrust.clock import new_id, to_datetime
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract, Slot
from cectrust.faults import declare, failpoint
from cectrust.pades import verify_raw_signature
from cectrust.pades.model import PreparedDocument, SignerCertificate
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused, NotFound
from cectrust.sdk.protocols import Actor, BlobArea, BlobKey, Digest, Instant
from cectrust.signing import connections, store
from cectrust.signing.bridge_messages import SignatureResult, verify_certificate_list, verify_signature_result
from cectrust.signing.model import REQUEST_LIFE, CertificateChoice, Connection, RequestState, SigningRequest
from cectrust.signing.seal import seal_image
from cectrust.work import Tools, Work, Workplace

COMPLETE = "signing.complete"
"""The workflow that an acceptance starts."""
MOST_CERTIFICATES = 50
"""More on one person's tokens are not looked at."""
declare("signing.accept")


def choices(
    actor: Actor, place: Workplace, contract_id: str, connection_id: str, listed: Mapping[str, object]
) -> list[CertificateChoice]:
    """Which of the certificates that the bridge listed may sign this contract, the usable ones first."""
    with place.reading() as work:
        contract, _ = contracts.slot_to_sign(actor, work, contract_id)
        connection, jwk = _bridge_of(actor, work, connection_id)
    offered = verify_certificate_list(listed, jwk=jwk, origin=connection.origin, jti=connection.id)
    found = [_choice(actor, place, contract, certificate) for certificate in offered[:MOST_CERTIFICATES]]
    return sorted(found, key=lambda choice: not choice.usable)


def request(actor: Actor, place: Workplace, contract_id: str, certificate: bytes) -> SigningRequest:
    """Prepare the contract's document for this actor's signature with this certificate.

    The certificate is checked first, then fields of all parties are added (once per document), then the file is
    prepared and kept; the row names everything that acceptance will compare.

    Raises:
        NotFound, Forbidden, Conflict: as ever; not this party's turn.
        InputRefused: the certificate may not sign this.
    """
    with place.reading() as work:
        contract, _ = contracts.slot_to_sign(actor, work, contract_id)
    recognised = certificates.recognise(place, certificate)
    with place.reading() as work:
        chosen = certificates.check_for_signing(actor, work, recognised, contract.kinds)
    with tempfile.TemporaryDirectory(prefix="cectrust-prepare-") as folder:
        contract, slot, base = _with_fields(actor, place, contract, Path(folder))
        prepared = _prepare(place, slot, chosen, base, Path(folder) / "prepared.pdf")
        place.blobs.keep(BlobArea.WORKING, contract.document.owner, Path(folder) / "prepared.pdf")
    with place.work() as work:
        found = _new_request(actor, work, contract, slot, chosen, prepared)
        _check_still_good(actor, work, found)
        store.insert_request(work.session, found)
    return found


def own_request(actor: Actor, work: Work, request_id: str) -> SigningRequest:
    """A signing request of this user. Raises ``NotFound``."""
    found = store.request_by_id(work.session, request_id)
    if found is None or found.account_id != actor.id:
        raise NotFound("署名依頼", "signing request")
    return found


def bind_connection(actor: Actor, work: Work, request_id: str, connection_id: str) -> SigningRequest:
    """Say over which verified connection the request will travel; the bridge is fixed from here on."""
    found, connection = (
        own_request(actor, work, request_id),
        connections.verified_connection(actor, work, connection_id),
    )
    _refuse_another_bridge(actor, work, found, str(connection.bridge_id))
    store.change_request(work.session, found.id, {"connection_id": connection.id})
    return replace(found, connection_id=connection.id)


def prepared_document(actor: Actor, work: Work, request_id: str) -> tuple[SigningRequest, BlobKey]:
    """Where the bytes lie that the bridge will be sent."""
    found = own_request(actor, work, request_id)
    return found, BlobKey(BlobArea.WORKING, found.owner, Digest(found.prepared.file_sha256))


def accept(actor: Actor, place: Workplace, request_id: str, result: Mapping[str, object]) -> SigningRequest:
    """Take in what the bridge returned; repeating the same result changes nothing.

    Rights, state, agreement, binding and revocation are checked again; the attributes are compared byte for byte;
    the raw signature is verified. Only then signature, contract, journal and workflow start are written together.

    Raises:
        InputRefused: not what was asked for. Conflict: too late, used, or the contract moved.
    """
    with place.reading() as work:
        found = own_request(actor, work, request_id)
        signed = _signed_by_bridge(actor, work, found, result)
        if found.state is not RequestState.PREPARED:
            return _repeated(found, signed)
        _check_still_good(actor, work, found)
    _check_signature(found, signed)
    recognised = certificates.recognise(place, found.signer.certificate)
    with place.work() as work:
        accepted = _accept(actor, work, request_id, signed, recognised)
        failpoint("signing.accept.before")
    failpoint("signing.accept.after")
    return accepted


def _accept(
    actor: Actor, work: Work, request_id: str, signed: SignatureResult, recognised: RecognisedCertificate
) -> SigningRequest:
    """Between looking and writing others may have been faster: what they can change is checked under the lock."""
    store.lock_request(work.session, request_id)
    found = own_request(actor, work, request_id)
    if found.state is not RequestState.PREPARED:
        return _repeated(found, signed)
    _bridge_of(actor, work, str(found.connection_id))
    contract = _check_still_good(actor, work, found)
    certificates.check_for_signing(actor, work, recognised, contract.kinds)
    contracts.begin_acceptance(actor, work, contract, found.id)
    now = work.clock.now()
    values = {"state": RequestState.ACCEPTED, "signature": signed.signature, "accepted_at": now}
    store.change_request(work.session, found.id, values)
    work.enqueue(work.session, COMPLETE, found.id)
    return replace(found, state=RequestState.ACCEPTED, signature=signed.signature, accepted_at=now)


def _refuse_another_bridge(actor: Actor, work: Work, found: SigningRequest, bridge_id: str) -> None:
    """A request that one bridge was asked for stays that bridge's; a new connection to it may take over."""
    if found.connection_id is None:
        return
    if connections.own_connection(actor, work, found.connection_id).bridge_id != bridge_id:
        raise Conflict(
            "another_bridge",
            "この署名依頼は、別の署名ブリッジに送られています。署名をやり直してください。",
            "This request was sent to another bridge; start again.",
        )


def _choice(actor: Actor, place: Workplace, contract: Contract, certificate: bytes) -> CertificateChoice:
    sha256 = hashlib.sha256(certificate).hexdigest()
    try:
        facts = facts_of(certificate)
    except InputRefused as refusal:
        return CertificateChoice(sha256, "読み取れない電子証明書", "", None, "", usable=False, why_ja=refusal.ja)
    label, why = "", ""
    try:
        recognised = certificates.recognise(place, certificate)
        with place.reading() as work:
            certificates.check_for_signing(actor, work, recognised, contract.kinds)
        label = recognised.kind.label_ja
    except CectrustError as refusal:
        why = refusal.ja
    return CertificateChoice(sha256, facts.holder, facts.issuer, facts.not_after, label, usable=not why, why_ja=why)


def _with_fields(actor: Actor, place: Workplace, contract: Contract, folder: Path) -> tuple[Contract, Slot, Path]:
    """The contract with a slot for every party, this party's slot, and the file to prepare."""
    base, digest = folder / "base.pdf", contract.document.current.digest
    place.blobs.fetch(BlobKey(BlobArea.ORIGINALS, contract.document.owner, digest), base)
    if not contract.document.slots:
        target = folder / "fields.pdf"
        base, digest = target, _add_fields(actor, place, contract, base, target)
    with place.reading() as work:
        contract, slot = contracts.slot_to_sign(actor, work, contract.id)
    if slot is None or contract.document.current.digest != digest:
        raise _changed()
    return contract, slot, base


def _add_fields(actor: Actor, place: Workplace, contract: Contract, base: Path, target: Path) -> Digest:
    names = [f"Signature{party.ordinal + 1}" for party in contract.parties]
    place.parsers.add_fields(base, target, names)
    kept = place.blobs.keep(BlobArea.ORIGINALS, contract.document.owner, target)
    with place.work() as work:
        contracts.record_fields(actor, work, contract, names, kept.key.digest, kept.size)
    return kept.key.digest


def _prepare(tools: Tools, slot: Slot, chosen: SigningCertificate, base: Path, target: Path) -> PreparedDocument:
    signer = SignerCertificate(chosen.facts.der, chosen.chain)
    seal = seal_image(chosen.facts.holder)
    return tools.parsers.prepare(base, target, slot.field, signer, seal, to_datetime(tools.clock.now()))


def _new_request(
    actor: Actor, work: Work, contract: Contract, slot: Slot, chosen: SigningCertificate, prepared: PreparedDocument
) -> SigningRequest:
    now = work.clock.now()
    return SigningRequest(
        id=new_id(work.clock),
        state=RequestState.PREPARED,
        account_id=actor.id,
        contract_id=contract.id,
        contract_version=contract.version,
        document_id=contract.document.id,
        slot_id=slot.id,
        binding_id=chosen.binding_id,
        connection_id=None,
        owner=contract.document.owner,
        signer=SignerCertificate(chosen.facts.der, chosen.chain),
        kind=chosen.kind,
        signer_name=chosen.facts.holder,
        prepared=prepared,
        created_at=now,
        expires_at=Instant(now + REQUEST_LIFE),
        signature=None,
        accepted_at=None,
        embedded_digest=None,
        extended_digest=None,
        final_digest=None,
        final_size=None,
        failure_ja="",
    )


def _signed_by_bridge(actor: Actor, work: Work, found: SigningRequest, result: Mapping[str, object]) -> SignatureResult:
    """The one document's attributes and signature, if the registered bridge vouches for the whole answer."""
    if found.connection_id is None:
        raise Conflict(
            "request_not_ordered", "署名の依頼が送られていません。", "The request was never sent to a bridge."
        )
    connection, jwk = _bridge_of(actor, work, found.connection_id)
    return verify_signature_result(
        result,
        jwk=jwk,
        origin=connection.origin,
        jti=found.id,
        cert_sha256=hashlib.sha256(found.signer.certificate).hexdigest(),
        mechanism=found.mechanism,
        document_id=found.document_id,
    )


def _bridge_of(actor: Actor, work: Work, connection_id: str) -> tuple[Connection, dict[str, str]]:
    """A verified connection and the key that its bridge is registered with now."""
    connection = connections.verified_connection(actor, work, connection_id)
    jwk = store.bridge_key(work.session, actor.id, str(connection.bridge_id))
    if jwk is None:
        raise Conflict("bridge_removed", "署名ブリッジの登録がありません。", "The bridge was removed.")
    return connection, jwk


def _repeated(found: SigningRequest, signed: SignatureResult) -> SigningRequest:
    """The same result once more is answered as the first time; another one for a used request is refused."""
    if found.signature == signed.signature:
        return found
    raise Conflict("request_used", "この署名依頼は、すでに使われています。", "This signing request was used already.")


def _check_still_good(actor: Actor, work: Work, found: SigningRequest) -> Contract:
    """The request's contract, unless its time is over or the contract is no longer what it was made for."""
    contract, slot = contracts.slot_to_sign(actor, work, found.contract_id)
    if work.clock.now() >= found.expires_at:
        raise Conflict(
            "request_over",
            "署名の準備から 10 分が過ぎました。もう一度、署名をやり直してください。",
            "More than ten minutes have passed since the request was made; start again.",
        )
    if contract.version != found.contract_version or slot is None or slot.id != found.slot_id:
        raise _changed()
    return contract


def _check_signature(found: SigningRequest, signed: SignatureResult) -> None:
    expected = found.prepared.signed_attributes
    if signed.signed_attributes != expected:
        raise InputRefused(
            "attributes_differ",
            "署名された内容が、依頼した内容と一致しません。署名は受け付けられませんでした。",
            "The signed attributes are not those that were asked for.",
        )
    verify_raw_signature(found.signer.certificate, found.mechanism, expected, signed.signature)


def _changed() -> Conflict:
    return Conflict(
        "changed_meanwhile",
        "署名の間に、ほかの操作によって契約が変わりました。内容を確かめて、もう一度署名してください。",
        "The contract was changed by somebody else meanwhile; look at it and sign again.",
    )
