"""From rows to the values of the model, many contracts at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from cectrust.contracts.model import Contract, ContractType, Document, Money, Party, PartyRole, Revision, Slot, State
from cectrust.contracts.tables import contract_kinds, documents, parties, revisions, slots
from cectrust.sdk.protocols import Digest, Instant

AnyRow = Row[tuple[Any, ...]]


def to_contracts(session: Session, rows: Sequence[AnyRow]) -> list[Contract]:
    """Contracts of rows of ``contracts``, in their order, with everything that belongs to them."""
    ids = [row.id for row in rows]
    found_parties = _grouped(session, select(parties).order_by(parties.c.ordinal), parties.c.contract_id, ids)
    found_kinds = _grouped(session, select(contract_kinds), contract_kinds.c.contract_id, ids)
    found_documents = _documents(session, ids)
    return [
        _contract(
            row,
            tuple(_party(p) for p in found_parties.get(row.id, ())),
            tuple(sorted(k.kind for k in found_kinds.get(row.id, ()))),
            tuple(found_documents.get(row.id, ())),
        )
        for row in rows
    ]


def _grouped(
    session: Session, query: Select[Any], column: ColumnElement[Any], ids: Sequence[str]
) -> dict[str, list[AnyRow]]:
    found: dict[str, list[AnyRow]] = {}
    for row in session.execute(query.where(column.in_(ids))):
        found.setdefault(row._mapping[column], []).append(row)
    return found


def _documents(session: Session, contract_ids: Sequence[str]) -> dict[str, list[Document]]:
    query = select(documents).order_by(documents.c.ordinal)
    grouped = _grouped(session, query, documents.c.contract_id, contract_ids)
    ids = [row.id for rows in grouped.values() for row in rows]
    revs = _grouped(session, select(revisions).order_by(revisions.c.ordinal), revisions.c.document_id, ids)
    places = _grouped(session, select(slots).order_by(slots.c.ordinal), slots.c.document_id, ids)
    return {
        contract_id: [_document(row, revs.get(row.id, []), places.get(row.id, [])) for row in rows]
        for contract_id, rows in grouped.items()
    }


def _contract(
    row: AnyRow, found_parties: tuple[Party, ...], kinds: tuple[str, ...], found_documents: tuple[Document, ...]
) -> Contract:
    return Contract(
        id=row.id,
        number=row.number,
        type=ContractType(row.type),
        state=State(row.state),
        version=row.version,
        title=row.title,
        money=None if row.net is None else Money(row.net, row.tax),
        contract_date=row.contract_date,
        reply_by=row.reply_by,
        created_at=row.created_at,
        changed_at=row.changed_at,
        formed_at=row.formed_at,
        concluded_at=row.concluded_at,
        accepting_request_id=row.accepting_request_id,
        reason=row.reason,
        sent_revision_id=row.sent_revision_id,
        kinds=kinds,
        parties=found_parties,
        documents=found_documents,
    )


def _party(row: AnyRow) -> Party:
    return Party(
        row.id, row.ordinal, PartyRole(row.role), row.company_id, row.company_name, row.account_id, row.department
    )


def _document(row: AnyRow, revs: Sequence[AnyRow], places: Sequence[AnyRow]) -> Document:
    return Document(
        id=row.id,
        contract_id=row.contract_id,
        ordinal=row.ordinal,
        name=row.name,
        owner=row.owner,
        pages=row.pages,
        warnings=tuple(json.loads(row.warnings)),
        revisions=tuple(_revision(r) for r in revs),
        slots=tuple(_slot(s) for s in places),
    )


def _revision(row: AnyRow) -> Revision:
    return Revision(
        row.id, row.document_id, row.ordinal, row.kind, Digest(row.digest), row.size, Instant(row.created_at)
    )


def _slot(row: AnyRow) -> Slot:
    return Slot(
        row.id,
        row.document_id,
        row.party_id,
        row.ordinal,
        row.field,
        row.signed_at,
        row.signer,
        row.certificate_kind,
        row.revision_id,
    )
