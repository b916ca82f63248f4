"""What one actor may know of; every query for people is narrowed by it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true

from cectrust.contracts.model import PartyRole, State
from cectrust.contracts.tables import contracts, parties
from cectrust.identity.permissions import Scope

_SHOWN = or_(parties.c.role == PartyRole.SENDER, contracts.c.sent_revision_id.is_not(None))


def takes_part(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of ``contract_parties`` is in scope: the whole company's, or one's and one's department's."""
    if scope.company_id is None:
        return true()
    mine = parties.c.company_id == scope.company_id
    if scope.account_id is None:
        return mine
    desks = parties.c.department.in_((scope.department, ""))
    return and_(mine, or_(parties.c.account_id == scope.account_id, desks))


def visible(scope: Scope) -> ColumnElement[bool]:
    """Whether a contract is in scope: always for its sender, for a partner from *sent* on."""
    return exists().where(and_(parties.c.contract_id == contracts.c.id, takes_part(scope), _SHOWN))


def seen_by(scope: Scope) -> Select[Any]:
    """All contracts in scope, for lists: joined, because a company takes part in a contract only once.

    As a condition on every contract (``visible``) it would be asked of a million to find one company's fifty.
    """
    if scope.company_id is None:
        return select(contracts)
    joined = select(contracts).join(parties, parties.c.contract_id == contracts.c.id)
    return joined.where(takes_part(scope), _SHOWN)


def waits_for_company(scope: Scope) -> ColumnElement[bool]:
    """For a row of ``seen_by``: whether it is the company's turn, as ``Contract.holders_of_turn`` says."""
    if scope.company_id is None:
        return false()
    return (parties.c.role == PartyRole.RECIPIENT) == (contracts.c.state == State.SENT)


def sequence_of(scope: Scope) -> ColumnElement[str]:
    """The column whose index gives ``seen_by`` in the order of contract ids."""
    return contracts.c.id if scope.company_id is None else parties.c.contract_id
