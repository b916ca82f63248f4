"""What people look at: one contract, lists, the desk that waits for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cectrust.archive import service as archive
from cectrust.archive.receipt import Receipt
from cectrust.clock import today
from cectrust.contracts import store
from cectrust.contracts.model import Contract, ContractAct, PartyRole, State, possible_acts
from cectrust.contracts.partner_view import told_to_partner
from cectrust.contracts.service import moving
from cectrust.contracts.service.moving import role_of
from cectrust.identity.permissions import allows, require, scope_of
from cectrust.journal import store as journal
from cectrust.journal.model import RecordedAct
from cectrust.sdk.errors import NotFound
from cectrust.sdk.protocols import Actor, BlobArea, BlobKey
from cectrust.tlog import NoteVerifier
from cectrust.work import Work

PAGE = 50
LATELY = 10
DUE_SOON = dt.timedelta(days=7)

__all__ = [
    "DUE_SOON",
    "PAGE",
    "Desk",
    "acts_open_to",
    "contract",
    "desk",
    "history",
    "listing",
    "original",
    "receipt",
    "role_of",
    "several",
]


@dataclass(frozen=True)
class Desk:
    """The first screen: what waits for me, what waits for the partner, what was concluded lately."""

    mine: tuple[Contract, ...]
    theirs: tuple[Contract, ...]
    due: tuple[Contract, ...]
    concluded: tuple[Contract, ...]
    counts: Mapping[str, int]
    """How many are open in all, by the names above; the lists hold the most urgent ones."""


def contract(actor: Actor, work: Work, contract_id: str) -> Contract:
    """Raises ``NotFound`` for one that is not there and for one the actor may not know of."""
    found = moving.find(actor, work, contract_id)
    require(actor, "contract.view", moving.subject_of(found))
    return found


def several(actor: Actor, work: Work, contract_ids: Sequence[str]) -> list[Contract]:
    """These contracts in this order. Raises ``NotFound`` if the actor may not know of one of them."""
    found = {each.id: each for each in store.reading.by_ids(work.session, scope_of(actor), contract_ids)}
    if set(found) != set(contract_ids):
        raise NotFound("契約", "contract")
    return [found[contract_id] for contract_id in contract_ids]


def listing(actor: Actor, work: Work, filters: store.Filters, rows: int = PAGE) -> list[Contract]:
    """A page of at most ``rows`` contracts, newest first; the next one begins ``before`` the last."""
    return store.reading.page(work.session, scope_of(actor), filters, rows)


def desk(actor: Actor, work: Work, rows: int = PAGE) -> Desk:
    """Open contracts by whose turn it is and those due soon, at most ``rows`` of each, the most urgent first."""
    scope = scope_of(actor)
    waiting = store.reading.waiting(work.session, scope)
    soon = today(work.clock) + DUE_SOON
    ids = {
        "mine": [each.id for each in waiting if each.mine],
        "theirs": [each.id for each in waiting if not each.mine],
        "due": [each.id for each in waiting if each.reply_by and each.reply_by <= soon],
    }
    lists = {name: tuple(several(actor, work, found[:rows])) for name, found in ids.items()}
    concluded = store.reading.page(work.session, scope, store.Filters(state=State.CONCLUDED), LATELY)
    return Desk(**lists, concluded=tuple(concluded), counts={name: len(found) for name, found in ids.items()})


def acts_open_to(actor: Actor, subject: Contract) -> tuple[ContractAct, ...]:
    """What this actor can do now to a contract he sees, in the order of the contract's life."""
    role = role_of(actor, subject)
    if role is None:
        return ()
    return tuple(
        act for act in possible_acts(subject, role) if allows(actor, f"contract.{act}", moving.subject_of(subject))
    )


def history(actor: Actor, work: Work, contract_id: str) -> Sequence[RecordedAct]:
    """What happened to a contract, oldest first; a partner is told what it knows of already."""
    found = contract(actor, work, contract_id)
    acts = journal.about(work.session, contract_id)
    if role_of(actor, found) is PartyRole.RECIPIENT:
        return told_to_partner(acts)
    return acts


def original(actor: Actor, work: Work, contract_id: str) -> tuple[Contract, BlobKey]:
    """The address of the bytes of the newest revision that the actor may see. Raises ``NotFound``."""
    found = contract(actor, work, contract_id)
    return found, BlobKey(BlobArea.ORIGINALS, found.document.owner, found.document.current.digest)


def receipt(actor: Actor, work: Work, contract_id: str, log_key: NoteVerifier) -> tuple[Contract, Receipt]:
    """The proof that a concluded contract's file is the original, for everyone who sees the contract.

    Raises:
        NotFound: not there, not visible, or not concluded.
        Conflict: concluded a moment ago; the log's next checkpoint will cover it.
    """
    found = contract(actor, work, contract_id)
    return found, archive.receipt_for(work.session, log_key, archive.CONTRACTS, found.number)
