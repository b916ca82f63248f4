"""How every act on a contract begins and ends: find it in scope, ask permission, move it, write the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cectrust.contracts import store
from cectrust.contracts.model import Contract, ContractAct, Party, PartyRole, State, next_state
from cectrust.identity.permissions import Desk, Subject, require, scope_of
from cectrust.sdk.errors import Conflict, NotFound
from cectrust.sdk.protocols import Act, Actor
from cectrust.work import Work


def find(actor: Actor, work: Work, contract_id: str) -> Contract:
    """The contract if the actor may know of it. Raises ``NotFound``."""
    found = store.reading.by_id(work.session, scope_of(actor), contract_id)
    if found is None:
        raise NotFound("契約", "contract")
    return found


def subject_of(contract: Contract) -> Subject:
    """What permissions need to know: recipients have no relation to a contract before it was sent."""
    recipients = tuple(map(_desk, contract.recipients)) if contract.was_sent else ()
    return Subject(sender=_desk(contract.sender), recipients=recipients)


def role_of(actor: Actor, contract: Contract) -> PartyRole | None:
    party = contract.party_of(actor.company_id)
    return party.role if party else None


def own_party(actor: Actor, contract: Contract) -> Party:
    """The party that the actor's company is. Raises ``NotFound`` for an outsider."""
    party = contract.party_of(actor.company_id)
    if party is None:
        raise NotFound("契約", "contract")
    return party


def permitted(actor: Actor, work: Work, contract_id: str, act: ContractAct) -> tuple[Contract, State]:
    """Find the contract, ask for the right, and say where the act leads; good in a reading transaction too.

    Raises:
        NotFound: not there, or the actor may not know of it.
        Forbidden: he may see it but not do this (a company ID never can).
        Conflict: not in this state.
    """
    contract = find(actor, work, contract_id)
    require(actor, f"contract.{act}", subject_of(contract))
    return contract, next_state(contract, act, own_party(actor, contract).role)


def prepare(actor: Actor, work: Work, contract_id: str, act: ContractAct) -> tuple[Contract, State]:
    """``permitted`` for whoever writes next: others wait for the contract's lock. Raises the same."""
    store.writing.lock(work.session, contract_id)
    return permitted(actor, work, contract_id, act)


def move(
    actor: Actor,
    work: Work,
    contract: Contract,
    act: str,
    values: Mapping[str, Any],
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write the new state and the journal row together.

    Raises:
        Conflict: somebody else moved the contract since it was read.
    """
    values = {"changed_at": work.clock.now(), **values}
    if not store.writing.move(work.session, contract, values):
        raise Conflict(
            "changed_meanwhile",
            "ほかの操作によって契約の状態が変わりました。画面を開き直して、もう一度お試しください。",
            "The contract was changed by somebody else meanwhile. Reload and try again.",
        )
    record(actor, work, contract, act, detail)


def record(actor: Actor, work: Work, contract: Contract, act: str, detail: Mapping[str, Any] | None = None) -> None:
    """Write what happened to a contract; the facts that notifications need travel along."""
    recipients = [p for p in contract.parties if p.role is PartyRole.RECIPIENT]
    facts = {
        "number": contract.number,
        "title": contract.title,
        "sender": _facts(contract.sender),
        "recipients": [_facts(party) for party in recipients],
        "by": actor.name,
        **(detail or {}),
    }
    companies = tuple(party.company_id for party in contract.parties)
    work.journal.record(work.session, actor, Act(f"contract.{act}", contract.id, companies, facts))


def _facts(party: Party) -> dict[str, Any]:
    return {"company": party.company_name, "company_id": party.company_id, "account_id": party.account_id}


def _desk(party: Party) -> Desk:
    return Desk(party.company_id, party.department, party.account_id or "")
