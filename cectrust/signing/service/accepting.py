"""Taking one document's signature in, as it comes from the bridge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from cectrust.certificates import service as certificates
from cectrust.certificates.model import RecognisedCertificate
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract
from cectrust.faults import declare, failpoint
from cectrust.pades import verify_raw_signature
from cectrust.sdk.errors import Conflict, InputRefused
from cectrust.sdk.protocols import Actor
from cectrust.signing import batch_store, store
from cectrust.signing.bridge_messages import SignatureResult, named_document, not_proven, verify_signature_result
from cectrust.signing.model import Batch, RequestState, SigningRequest
from cectrust.signing.service.batches import asked_bridge, changed, own_batch, own_request
from cectrust.work import Work, Workplace

COMPLETE = "signing.complete"
"""The workflow that an acceptance starts."""
declare("signing.accept")


def accept(actor: Actor, place: Workplace, batch_id: str, result: Mapping[str, object]) -> SigningRequest:
    """Take in what the bridge returned for one document; repeating the same result changes nothing.

    Rights, state, agreement, binding and revocation are checked again; the attributes are compared byte for byte;
    the raw signature is verified. Only then signature, contract, journal and workflow start are written together.

    Raises:
        InputRefused: not what was asked for. Conflict: too late, used, or the contract moved.
    """
    with place.reading() as work:
        batch = own_batch(actor, work, batch_id)
        found = _asked_for(work, batch, result)
        signed = _signed_by_bridge(actor, work, batch, found, result)
        if found.state is not RequestState.PREPARED:
            return _repeated(found, signed)
        _check_awaited(work, found)
        check_still_good(actor, work, found)
    _check_signature(found, signed)
    recognised = certificates.recognise(place, found.signer.certificate)
    with place.work() as work:
        accepted = _accept(actor, work, found.id, signed, recognised)
        failpoint("signing.accept.before")
    failpoint("signing.accept.after")
    return accepted


def check_still_good(actor: Actor, work: Work, found: SigningRequest) -> Contract:
    """The request's contract. Raises ``Conflict`` if it is no longer what the request was made for."""
    contract, slot = contracts.slot_to_sign(actor, work, found.contract_id)
    if contract.version != found.contract_version or slot is None or slot.id != found.slot_id:
        raise changed()
    return contract


def _check_awaited(work: Work, found: SigningRequest) -> None:
    """Was it ordered, and not so long ago that the bridge has forgotten?"""
    if found.ordered_at is None:
        raise _not_ordered()
    if not found.may_be_answered(work.clock.now()):
        raise Conflict(
            "result_late",
            "署名の依頼から 24 時間が過ぎたため、この署名は受け付けられませんでした。もう一度、署名してください。",
            "More than 24 hours have passed since this signature was asked for, so it was not accepted; sign again.",
        )


def _accept(
    actor: Actor, work: Work, request_id: str, signed: SignatureResult, recognised: RecognisedCertificate
) -> SigningRequest:
    """Between looking and writing others may have been faster: what they can change is checked under the lock."""
    store.lock_request(work.session, request_id)
    found = own_request(actor, work, request_id)
    if found.state is not RequestState.PREPARED:
        return _repeated(found, signed)
    asked_bridge(actor, work, str(own_batch(actor, work, found.batch_id).connection_id))
    contract = check_still_good(actor, work, found)
    certificates.check_for_signing(actor, work, recognised, contract.kinds)
    contracts.begin_acceptance(actor, work, contract, found.id)
    now = work.clock.now()
    values = {"state": RequestState.ACCEPTED, "signature": signed.signature, "accepted_at": now}
    store.change_request(work.session, found.id, values)
    work.enqueue(work.session, COMPLETE, found.id)
    return replace(found, state=RequestState.ACCEPTED, signature=signed.signature, accepted_at=now)


def _asked_for(work: Work, batch: Batch, result: Mapping[str, object]) -> SigningRequest:
    """The request that a result names; whether it may is judged afterwards."""
    named = named_document(result)
    requests = batch_store.requests_of_batch(work.session, batch.id)
    found = next((request for request in requests.values() if request.document_id == named), None)
    if found is None:
        raise not_proven("a document that was not asked for")
    return found


def _signed_by_bridge(
    actor: Actor, work: Work, batch: Batch, found: SigningRequest, result: Mapping[str, object]
) -> SignatureResult:
    """The document's attributes and signature, if the registered bridge vouches for the whole result."""
    if batch.connection_id is None:
        raise _not_ordered()
    connection, jwk = asked_bridge(actor, work, batch.connection_id)
    return verify_signature_result(
        result,
        jwk=jwk,
        origin=connection.origin,
        jti=batch.id,
        cert_sha256=hashlib.sha256(found.signer.certificate).hexdigest(),
        mechanism=found.mechanism,
        document_id=found.document_id,
    )


def _not_ordered() -> Conflict:
    return Conflict(
        "request_not_ordered",
        "署名ブリッジに送っていない依頼の結果が届いたため、受け付けませんでした。「署名を始める」からやり直してください。",
        "The request was never sent to a bridge. Start signing again.",
    )


def _repeated(found: SigningRequest, signed: SignatureResult) -> SigningRequest:
    """The same result once more is answered as the first time; another one for a used request is refused."""
    if found.signature == signed.signature:
        return found
    raise Conflict(
        "request_used",
        "この署名依頼では、すでに別の署名を受け付けています。契約の画面を開き直して、署名の状態を確かめてください。",
        "This signing request was used already. Open the contract again and look at its signatures.",
    )


def _check_signature(found: SigningRequest, signed: SignatureResult) -> None:
    expected = found.prepared.signed_attributes
    if signed.signed_attributes != expected:
        raise InputRefused(
            "attributes_differ",
            "署名された内容が、依頼した内容と一致しません。署名は受け付けられませんでした。",
            "The signed attributes are not those that were asked for.",
        )
    verify_raw_signature(found.signer.certificate, found.mechanism, expected, signed.signature)
