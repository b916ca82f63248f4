"""What one actor may know of; every query for people is narrowed by it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, or_, true

from cectrust.contracts.model import PartyRole
from cectrust.contracts.tables import contracts, parties
from cectrust.identity.permissions import Scope


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
    shown = or_(parties.c.role == PartyRole.SENDER, contracts.c.was_sent)
    return exists().where(and_(parties.c.contract_id == contracts.c.id, takes_part(scope), shown))
