"""Finding contracts. What is read in somebody's scope is narrowed to what his company may see of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from cectrust.contracts.model import Contract, PartyRole, State
from cectrust.contracts.partner_view import as_seen_by
from cectrust.contracts.store.rows import AnyRow, to_contracts
from cectrust.contracts.store.scope import seen_by, sequence_of, visible, waits_for_company
from cectrust.contracts.tables import contracts, documents, parties, revisions
from cectrust.identity.permissions import Scope
from cectrust.sdk.protocols import Digest

OPEN_STATES = tuple(state for state in State if state not in (State.CONCLUDED, State.DISCARDED))


@dataclass(frozen=True)
class Filters:
    """What a list shows; every part may be left out, any combination is allowed (T9)."""

    state: State | None = None
    words: str = ""
    partner: str = ""
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    gross_from: int | None = None
    gross_to: int | None = None
    turn: str = ""
    """``mine`` or ``theirs``: open, and waiting for the own company or for another one."""
    due_until: dt.date | None = None
    """Open, with an answer wanted by then."""
    before: str | None = None
    """Id of the last contract of the page before (keyset paging, newest first)."""


class Waiting(NamedTuple):
    """An open contract, whether it is the company's turn, and by when an answer is wanted."""

    id: str
    reply_by: dt.date | None
    mine: bool


def by_id(session: Session, scope: Scope, contract_id: str) -> Contract | None:
    """The contract if it is in scope; the caller cannot tell an invisible one from one that is not there."""
    row = session.execute(select(contracts).where(contracts.c.id == contract_id, visible(scope))).first()
    return _seen(session, scope, [row])[0] if row else None


def by_ids(session: Session, scope: Scope, contract_ids: Sequence[str]) -> list[Contract]:
    """Those of them that are in scope, in no order."""
    rows = session.execute(select(contracts).where(contracts.c.id.in_(contract_ids), visible(scope))).all()
    return _seen(session, scope, rows)


def by_id_for_system(session: Session, contract_id: str) -> Contract:
    """For workflow steps and audits only, which act for nobody and show nothing."""
    row = session.execute(select(contracts).where(contracts.c.id == contract_id)).one()
    return to_contracts(session, [row])[0]


def walk(session: Session, batch: int = 100) -> Iterator[Contract]:
    """Every contract, oldest first; for audits only."""
    last = ""
    while rows := session.execute(
        select(contracts).where(contracts.c.id > last).order_by(contracts.c.id).limit(batch)
    ).all():
        yield from to_contracts(session, rows)
        last = rows[-1].id


def concluded_by_digests(session: Session, scope: Scope, digests: Sequence[Digest]) -> Contract | None:
    """The concluded contract in scope whose document in force has a revision of ours with one of these digests.

    The PDF as it was uploaded belongs to no contract: any number may be made of one template. Its signature fields do,
    each time they are made.
    """
    query = (
        select(contracts)
        .join(documents, documents.c.contract_id == contracts.c.id)
        .join(revisions, revisions.c.document_id == documents.c.id)
        .where(revisions.c.digest.in_(digests), revisions.c.kind.in_(("fields", "signed")))
        .where(documents.c.replaced_at.is_(None), contracts.c.state == State.CONCLUDED, visible(scope))
        .order_by(contracts.c.id.desc())
        .limit(1)
    )
    row = session.execute(query).first()
    return _seen(session, scope, [row])[0] if row else None


def page(session: Session, scope: Scope, filters: Filters, limit: int) -> list[Contract]:
    """Newest first. Reads along the index of the company's own contracts, however many others there are."""
    query = seen_by(scope).where(*_conditions(filters, scope))
    if filters.before:
        query = query.where(sequence_of(scope) < filters.before)
    rows = session.execute(query.order_by(sequence_of(scope).desc()).limit(limit)).all()
    return _seen(session, scope, rows)


def waiting(session: Session, scope: Scope) -> list[Waiting]:
    """All that are open, the most urgent first: one light row each, so that they can be counted as well."""
    query = (
        seen_by(scope)
        .with_only_columns(contracts.c.id, contracts.c.reply_by, waits_for_company(scope).label("mine"))
        .where(contracts.c.state.in_(OPEN_STATES))
        .order_by(contracts.c.reply_by.is_(None), contracts.c.reply_by, contracts.c.changed_at)
    )
    return [Waiting(row.id, row.reply_by, bool(row.mine)) for row in session.execute(query)]


def _seen(session: Session, scope: Scope, rows: Sequence[AnyRow]) -> list[Contract]:
    return [as_seen_by(found, scope.company_id) for found in to_contracts(session, rows)]


def _conditions(filters: Filters, scope: Scope) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.state:
        found.append(_in_state(filters.state, scope))
        if filters.state is State.SIGNED and scope.company_id is not None:
            found.append(parties.c.role == PartyRole.SENDER)  # a partner is shown a draft
    for word in filters.words.split():
        found.append(_has_word(word))
    if filters.partner:
        found.append(_partner_named(filters.partner, scope))
    if filters.turn:
        found += [contracts.c.state.in_(OPEN_STATES), waits_for_company(scope) == (filters.turn == "mine")]
    if filters.due_until:
        found += [contracts.c.state.in_(OPEN_STATES), contracts.c.reply_by <= filters.due_until]
    return found + _ranges(filters)


def _has_word(word: str) -> ColumnElement[bool]:
    """Without case, which the engines' ``LIKE`` heed differently; what they read as a pattern stands for itself."""
    in_title = contracts.c.title.icontains(word, autoescape=True)
    return or_(in_title, contracts.c.number.istartswith(word, autoescape=True))


def _in_state(state: State, scope: Scope) -> ColumnElement[bool]:
    """For a company's list an expression instead of the column, so that SQLite doesn't begin at the state's index.

    It has no statistics and would sort all concluded contracts of all companies to find ten.
    """
    return contracts.c.state == state if scope.company_id is None else contracts.c.state.concat("") == state


def _partner_named(name: str, scope: Scope) -> ColumnElement[bool]:
    others = parties.alias("others")
    other = and_(others.c.contract_id == contracts.c.id, others.c.company_id != scope.company_id)
    return exists().where(and_(other, others.c.company_name.icontains(name, autoescape=True)))


def _ranges(filters: Filters) -> list[ColumnElement[bool]]:
    gross = contracts.c.net + contracts.c.tax
    bounds = (
        (filters.date_from, contracts.c.contract_date, "ge"),
        (filters.date_to, contracts.c.contract_date, "le"),
        (filters.gross_from, gross, "ge"),
        (filters.gross_to, gross, "le"),
    )
    return [c >= v if way == "ge" else c <= v for v, c, way in bounds if v is not None]
