"""What one actor may know of; every query for people is narrowed by it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_

from cectrust.contracts.model import PartyRole
from cectrust.contracts.tables import contracts, parties


@dataclass(frozen=True)
class Scope:
    """What one actor may know of: all of a company, or what an account or its department takes part in."""

    company_id: str
    account_id: str | None = None
    department: str | None = None

    def party(self) -> ColumnElement[bool]:
        """Whether a row of ``contract_parties`` puts its contract into this scope."""
        mine = parties.c.company_id == self.company_id
        if self.account_id is None:
            return mine
        return and_(mine, or_(parties.c.account_id == self.account_id, parties.c.department == self.department))


def visible(scope: Scope) -> ColumnElement[bool]:
    """Whether a contract is in scope: always for its sender, for a partner from *sent* on."""
    party = and_(parties.c.contract_id == contracts.c.id, scope.party())
    shown = or_(parties.c.role == PartyRole.SENDER, contracts.c.was_sent)
    return exists().where(and_(party, shown))
