"""Forms that registered a contract: sent again, they are answered with the same one."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from cectrust.contracts.tables import form_tokens
from cectrust.database.inserting import insert_new
from cectrust.sdk.protocols import Digest, Instant


class UsedForm(NamedTuple):
    contract_id: str
    content: Digest


def use(session: Session, account_id: str, token: str, used: UsedForm, at: Instant) -> bool:
    """Before the contract itself is inserted; ``False`` if the form was used already."""
    values = {"account_id": account_id, "token": token, "used_at": at, **used._asdict()}
    return insert_new(session, form_tokens, values)


def used(session: Session, account_id: str, token: str) -> UsedForm | None:
    query = select(form_tokens).where(form_tokens.c.account_id == account_id, form_tokens.c.token == token)
    row = session.execute(query).first()
    return UsedForm(row.contract_id, Digest(row.content)) if row else None
