"""What the signing room does to a contract: fields first, one acceptance at a time, then the signed revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cectrust.clock import new_id
from cectrust.contracts import store
from cectrust.contracts.model import Contract, ContractAct, PartyRole, Revision, Slot, next_state
from cectrust.contracts.service import moving
from cectrust.identity.permissions import require
from cectrust.sdk.errors import Conflict
from cectrust.sdk.protocols import Actor, Digest, Instant
from cectrust.work import Work


@dataclass(frozen=True)
class SignatureFacts:
    """What a completed signature brings to its contract."""

    request_id: str
    slot_id: str
    digest: Digest
    size: int
    signed_at: Instant
    """When the server accepted it; for the recipient the arrival of the acceptance."""
    signer: str
    certificate_kind: str


def slot_to_sign(actor: Actor, work: Work, contract_id: str) -> tuple[Contract, Slot | None]:
    """The contract and the slot that the actor's company has to sign now; ``None`` before the fields exist.

    Raises:
        NotFound, Forbidden: as ever.
        Conflict: not this party's turn to sign, or it has signed.
    """
    contract = moving.find(actor, work, contract_id)
    return contract, slot_of_turn(actor, contract)


def slot_of_turn(actor: Actor, contract: Contract) -> Slot | None:
    """The same for a contract that was read in the actor's scope. Raises the same."""
    party = moving.own_party(actor, contract)
    act = ContractAct.SIGN if party.role is PartyRole.SENDER else ContractAct.RETURN
    require(actor, f"contract.{act}", moving.subject_of(contract))
    next_state(contract, act, party.role)
    if contract.accepting_request_id:
        raise _in_progress()
    if not contract.document.slots:
        return None
    slot = contract.document.slot_of(party)
    if slot.signed_at is not None:
        raise Conflict("already_signed", "すでに署名済みです。", "This party has signed already.")
    return slot


def record_fields(
    actor: Actor, work: Work, contract: Contract, fields: Sequence[str], digest: Digest, size: int
) -> None:
    """A revision with the signature fields of all parties came into being, and their slots with it.

    Raises:
        Conflict: the contract changed since it was read, perhaps by the same act of a colleague.
    """
    moving.move(actor, work, contract, "fields_added", {}, {"digest": digest})
    document, now = contract.document, work.clock.now()
    revision = Revision(new_id(work.clock), document.id, len(document.revisions), "fields", digest, size, now)
    store.writing.insert_revision(work.session, revision)
    store.writing.insert_slots(
        work.session,
        [
            Slot(new_id(work.clock), document.id, party.id, party.ordinal, field, None, "", "", None)
            for party, field in zip(contract.parties, fields, strict=True)
        ],
    )


def begin_acceptance(actor: Actor, work: Work, contract: Contract, request_id: str) -> None:
    """From here on the signature counts: until it is completed nothing else may move the contract.

    Raises:
        Conflict: another signature is being completed, or the contract changed since the request was made.
    """
    if contract.accepting_request_id:
        raise _in_progress()
    moving.move(
        actor, work, contract, "signature_accepted", {"accepting_request_id": request_id}, {"request_id": request_id}
    )


def abandon_acceptance(actor: Actor, work: Work, contract_id: str, request_id: str, reason: str) -> None:
    """The accepted signature could not be completed: the contract is as it was before, and the person signs again."""
    store.writing.lock(work.session, contract_id)
    contract = store.reading.by_id_for_system(work.session, contract_id)
    if contract.accepting_request_id == request_id:
        detail = {"request_id": request_id, "reason": reason, "asked_by": actor.id}
        moving.move(actor, work, contract, "signature_failed", {"accepting_request_id": None}, detail)


def record_signature(actor: Actor, work: Work, contract_id: str, facts: SignatureFacts) -> None:
    """Make the signed file the document's newest revision and move the contract on. Repeating it does nothing."""
    store.writing.lock(work.session, contract_id)
    contract = store.reading.by_id_for_system(work.session, contract_id)
    slot = next(slot for slot in contract.document.slots if slot.id == facts.slot_id)
    if slot.signed_at is not None:
        return
    revision = _signed_revision(work, contract, facts)
    store.writing.insert_revision(work.session, revision)
    store.writing.fill_slot(work.session, _filled(slot, facts, revision))
    _move_on(actor, work, contract, slot, facts)


def _signed_revision(work: Work, contract: Contract, facts: SignatureFacts) -> Revision:
    document = contract.document
    return Revision(
        new_id(work.clock),
        document.id,
        len(document.revisions),
        "signed",
        facts.digest,
        facts.size,
        work.clock.now(),
    )


def _filled(slot: Slot, facts: SignatureFacts, revision: Revision) -> Slot:
    return Slot(
        slot.id,
        slot.document_id,
        slot.party_id,
        slot.ordinal,
        slot.field,
        facts.signed_at,
        facts.signer,
        facts.certificate_kind,
        revision.id,
    )


def _move_on(actor: Actor, work: Work, contract: Contract, slot: Slot, facts: SignatureFacts) -> None:
    party = next(party for party in contract.parties if party.id == slot.party_id)
    act = ContractAct.SIGN if party.role is PartyRole.SENDER else ContractAct.RETURN
    values: dict[str, object] = {"state": next_state(contract, act, party.role), "accepting_request_id": None}
    if act is ContractAct.RETURN:
        values["formed_at"] = facts.signed_at
    detail = {"request_id": facts.request_id, "digest": facts.digest, "signer": facts.signer}
    moving.move(actor, work, contract, act, values, detail)


def _in_progress() -> Conflict:
    return Conflict(
        "signature_in_progress",
        "別の電子署名を処理中です。完了してから、もう一度お試しください。",
        "Another signature on this contract is being completed. Try again when it is.",
    )
