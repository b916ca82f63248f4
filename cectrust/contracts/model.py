"""What a contract is and which acts are possible in which state. Pure: no Flask, no SQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from cectrust.sdk.errors import Conflict
from cectrust.sdk.protocols import Digest, Instant


class ContractType(StrEnum):
    """契約形態."""

    BILATERAL = "bilateral"


class State(StrEnum):
    DRAFT = "draft"
    SIGNED = "signed"
    """Signed by the sender, not yet sent."""
    SENT = "sent"
    SENT_BACK = "sent_back"
    RECALLED = "recalled"
    RETURNED = "returned"
    """Signed by every recipient."""
    CONCLUDED = "concluded"
    DISCARDED = "discarded"


class PartyRole(StrEnum):
    SENDER = "sender"
    RECIPIENT = "recipient"


class ContractAct(StrEnum):
    """What can be done to a contract; the journal writes it as ``contract.<value>``."""

    REGISTER = "registered"
    REPLACE_DOCUMENT = "document_replaced"
    REQUEST_CONSENT = "consent_requested"
    SIGN = "signed"
    SEND = "sent"
    RECALL = "recalled"
    SEND_BACK = "sent_back"
    RETURN = "returned"
    CONFIRM = "concluded"
    DISCARD = "discarded"


@dataclass(frozen=True)
class Transition:
    act: ContractAct
    by: PartyRole
    source: State
    target: State


_SENDER_HOLDS = (State.DRAFT, State.SIGNED, State.SENT_BACK, State.RECALLED)

TRANSITIONS: tuple[Transition, ...] = (
    *(Transition(ContractAct.REPLACE_DOCUMENT, PartyRole.SENDER, s, State.DRAFT) for s in _SENDER_HOLDS),
    *(Transition(ContractAct.REQUEST_CONSENT, PartyRole.SENDER, s, s) for s in _SENDER_HOLDS),
    *(Transition(ContractAct.DISCARD, PartyRole.SENDER, s, State.DISCARDED) for s in _SENDER_HOLDS),
    Transition(ContractAct.SIGN, PartyRole.SENDER, State.DRAFT, State.SIGNED),
    Transition(ContractAct.SEND, PartyRole.SENDER, State.SIGNED, State.SENT),
    Transition(ContractAct.SEND, PartyRole.SENDER, State.SENT_BACK, State.SENT),
    Transition(ContractAct.SEND, PartyRole.SENDER, State.RECALLED, State.SENT),
    Transition(ContractAct.RECALL, PartyRole.SENDER, State.SENT, State.RECALLED),
    Transition(ContractAct.SEND_BACK, PartyRole.RECIPIENT, State.SENT, State.SENT_BACK),
    Transition(ContractAct.RETURN, PartyRole.RECIPIENT, State.SENT, State.RETURNED),
    Transition(ContractAct.CONFIRM, PartyRole.SENDER, State.RETURNED, State.CONCLUDED),
)
"""The whole life of a contract. ``RETURN`` is the recipient's signature and the return in one act."""

STATE_LABELS_JA: dict[State, str] = {
    State.DRAFT: "作成中",
    State.SIGNED: "署名済み・未送付",
    State.SENT: "送付済み・相手の署名待ち",
    State.SENT_BACK: "差戻し",
    State.RECALLED: "送付取消",
    State.RETURNED: "返送済み・締結確認待ち",
    State.CONCLUDED: "締結",
    State.DISCARDED: "破棄",
}


@dataclass(frozen=True)
class Money:
    """Integer yen, kept apart: 税抜, 消費税, 税込."""

    net: int
    tax: int

    @property
    def gross(self) -> int:
        return self.net + self.tax


@dataclass(frozen=True)
class Party:
    id: str
    ordinal: int
    role: PartyRole
    company_id: str
    company_name: str
    account_id: str | None
    department: str


@dataclass(frozen=True)
class Revision:
    """One version of a document's bytes; never changed, never deleted before its retention ends."""

    id: str
    document_id: str
    ordinal: int
    kind: str
    """``uploaded``, ``fields`` (signature fields added), ``signed``."""
    digest: Digest
    size: int
    created_at: Instant


@dataclass(frozen=True)
class Slot:
    """One place to sign: document × party."""

    id: str
    document_id: str
    party_id: str
    ordinal: int
    field: str
    signed_at: Instant | None
    signer: str
    certificate_kind: str
    revision_id: str | None


@dataclass(frozen=True)
class Document:
    id: str
    contract_id: str
    ordinal: int
    name: str
    owner: str
    """Company whose blob area holds the bytes: the sender's."""
    pages: int
    warnings: tuple[str, ...]
    """Codes of what intake found in it; sentences where an early version registered it."""
    revisions: tuple[Revision, ...]
    slots: tuple[Slot, ...]

    @property
    def current(self) -> Revision:
        return self.revisions[-1]

    def slot_of(self, party: Party) -> Slot:
        return next(slot for slot in self.slots if slot.party_id == party.id)


@dataclass(frozen=True)
class Contract:
    id: str
    number: str
    type: ContractType
    state: State
    version: int
    title: str
    money: Money | None
    contract_date: dt.date | None
    """Date in the text; formation and signing times are kept apart from it."""
    reply_by: dt.date | None
    created_at: Instant
    changed_at: Instant
    formed_at: Instant | None
    """Arrival of the acceptance (民法97条・522条)."""
    concluded_at: Instant | None
    accepting_request_id: str | None
    """A signature that was accepted and is being completed: until it is, nothing else may move the contract."""
    reason: str
    """Why it was sent back or recalled last."""
    sent_revision_id: str | None
    """What was sent last: all that a partner reads, until it signs it or gets another one."""
    kinds: tuple[str, ...]
    parties: tuple[Party, ...]
    documents: tuple[Document, ...]

    @property
    def was_sent(self) -> bool:
        """A partner sees a contract only from *sent* on; after that it stays visible, whatever happens."""
        return self.sent_revision_id is not None

    @property
    def sender(self) -> Party:
        return next(party for party in self.parties if party.role is PartyRole.SENDER)

    @property
    def recipients(self) -> tuple[Party, ...]:
        return tuple(party for party in self.parties if party.role is PartyRole.RECIPIENT)

    @property
    def document(self) -> Document:
        """The document in force; a bilateral contract has exactly one."""
        return self.documents[-1]

    def party_of(self, company_id: str | None) -> Party | None:
        return next((party for party in self.parties if party.company_id == company_id), None)

    @property
    def holders_of_turn(self) -> tuple[Party, ...]:
        """Whose turn it is (現在の対応者)."""
        if self.state in (State.CONCLUDED, State.DISCARDED):
            return ()
        return self.recipients if self.state is State.SENT else (self.sender,)


@dataclass(frozen=True)
class Consent:
    """T7: a partner's consent to electronic means (建設業法19条3項, 施行令5条の5, 施行規則13条の2)."""

    id: str
    asking_company_id: str
    asking_company_name: str
    partner_company_id: str
    partner_company_name: str
    means: str
    """The kinds of means that were shown."""
    format: str
    """The way of recording in files that was shown."""
    asked_at: Instant
    asked_by: str
    given_at: Instant | None
    given_by: str
    refused_at: Instant | None
    withdrawn_at: Instant | None

    @property
    def stands(self) -> bool:
        return self.given_at is not None and self.withdrawn_at is None

    @property
    def open(self) -> bool:
        return self.given_at is None and self.refused_at is None and self.withdrawn_at is None


def next_state(contract: Contract, act: ContractAct, role: PartyRole) -> State:
    """Where ``act`` by a party of ``role`` leads.

    Raises:
        Conflict: not possible now; says in which state the contract is and whose turn it is.
    """
    if contract.accepting_request_id and act not in (ContractAct.SIGN, ContractAct.RETURN):
        raise Conflict(
            "signature_in_progress",
            "電子署名の処理中です。完了するまで、この契約に対する操作はできません。しばらくしてから開き直してください。",
            "A signature is being completed; nothing else can be done to this contract until then.",
        )
    for transition in TRANSITIONS:
        if (transition.act, transition.by, transition.source) == (act, role, contract.state):
            return transition.target
    raise Conflict(
        "not_possible_now",
        f"いまの状態（{STATE_LABELS_JA[contract.state]}）では、この操作はできません。画面を開き直して、状態を確かめてください。",
        f"This cannot be done while the contract is {contract.state.value}.",
        detail=act.value,
    )


def possible_acts(contract: Contract, role: PartyRole) -> tuple[ContractAct, ...]:
    """What a party of ``role`` can do now, before consent, certificates and rights are looked at."""
    if contract.accepting_request_id:
        return ()
    return tuple(t.act for t in TRANSITIONS if t.by is role and t.source is contract.state)
