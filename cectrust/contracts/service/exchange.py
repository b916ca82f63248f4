"""Sending, recalling, sending back and confirming."""

from __future__ import annotations

from cectrust.archive import service as archive
from cectrust.archive.model import Event, KeptFile, RequiredSignature, Sealing
from cectrust.contracts import store
from cectrust.contracts.model import Contract, ContractAct
from cectrust.contracts.service import moving
from cectrust.contracts.service.consent import require_consent
from cectrust.faults import declare, failpoint
from cectrust.identity.permissions import require
from cectrust.sdk.errors import Conflict, InputRefused
from cectrust.sdk.protocols import Actor, BlobArea, BlobKey
from cectrust.work import Work

REASON_LENGTH = 1000
declare("contracts.confirm")


def send(actor: Actor, work: Work, contract_id: str) -> None:
    """Send the signed contract to the partner.

    Raises:
        Conflict: no consent of the partner (T7), or the sender's signature is missing.
    """
    store.writing.lock(work.session, contract_id)
    contract = moving.find(actor, work, contract_id)
    require(actor, f"contract.{ContractAct.SEND}", moving.subject_of(contract))
    if not contract.was_sent:
        require_consent(work, contract)
    contract, target = moving.prepare(actor, work, contract_id, ContractAct.SEND)
    require_consent(work, contract)
    if contract.document.slot_of(contract.sender).signed_at is None:
        raise Conflict(
            "sender_not_signed",
            "送付する前に、ご自身の電子証明書で署名してください。",
            "Sign the contract before you send it.",
        )
    sent = contract.document.current.id
    moving.move(actor, work, contract, "sent", {"state": target, "reason": "", "sent_revision_id": sent})


def recall(actor: Actor, work: Work, contract_id: str, reason: str) -> None:
    """Take a sent contract back, until the partner's signature is accepted (送付取消)."""
    contract, target = moving.prepare(actor, work, contract_id, ContractAct.RECALL)
    reason = _reason(reason)
    moving.move(actor, work, contract, "recalled", {"state": target, "reason": reason}, {"reason": reason})


def send_back(actor: Actor, work: Work, contract_id: str, reason: str) -> None:
    """Refuse to sign as it is, and say why (差戻し)."""
    contract, target = moving.prepare(actor, work, contract_id, ContractAct.SEND_BACK)
    reason = _reason(reason)
    moving.move(actor, work, contract, "sent_back", {"state": target, "reason": reason}, {"reason": reason})


def confirm(actor: Actor, work: Work, contract_id: str) -> None:
    """The sender's last act (締結確認): the contract is concluded and its originals enter the log.

    Formation was the arrival of the acceptance (民法97条・522条); the confirmation only records it.
    """
    contract, target = moving.prepare(actor, work, contract_id, ContractAct.CONFIRM)
    failpoint("contracts.confirm.before")
    now = work.clock.now()
    values = {"state": target, "concluded_at": now, "formed_at": contract.formed_at or now}
    moving.move(actor, work, contract, "concluded", values, {"digest": contract.document.current.digest})
    archive.seal(work.session, work.clock, contract.document.owner, _conclusion(contract))
    partner = contract.recipients[0].company_id
    store.agreements.record(work.session, contract.sender.company_id, partner, contract.kinds, now)
    failpoint("contracts.confirm.after")


def _conclusion(contract: Contract) -> Sealing:
    """The archive's entry: the final file, and every signature it must hold."""
    document = contract.document
    key = BlobKey(BlobArea.ORIGINALS, document.owner, document.current.digest)
    final = KeptFile(key, document.current.size, "application/pdf")
    signatures = tuple(RequiredSignature(slot.field, slot.signer) for slot in document.slots)
    return Sealing(Event.CONCLUDED, archive.CONTRACTS, contract.number, (final,), signatures)


def _reason(text: str) -> str:
    reason = text.strip()
    if not 1 <= len(reason) <= REASON_LENGTH:
        raise InputRefused(
            "reason_missing",
            f"理由を 1～{REASON_LENGTH} 文字で入力してください。相手に表示されます。",
            f"Give a reason of 1 to {REASON_LENGTH} characters; the other party sees it.",
            field="reason",
        )
    return reason
