"""Changing contracts. Versions make two people who act at once take turns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from cectrust.contracts.model import Contract, Document, Party, Revision, Slot
from cectrust.contracts.tables import contract_kinds, contracts, documents, numbers, parties, revisions, slots
from cectrust.database.inserting import insert_new
from cectrust.sdk.protocols import Instant


def lock(session: Session, contract_id: str) -> None:
    """Take the contract's row lock (PostgreSQL); SQLite's writers exclude each other already."""
    session.execute(select(contracts.c.id).where(contracts.c.id == contract_id).with_for_update())


def next_number(session: Session, year: int) -> int:
    """The next running number of a year; never handed out twice, a gap where a transaction failed is fine."""
    insert_new(session, numbers, {"year": year, "last": 0})
    taken = update(numbers).where(numbers.c.year == year).values(last=numbers.c.last + 1)
    return int(session.execute(taken.returning(numbers.c.last)).scalar_one())


def insert_contract(session: Session, values: Mapping[str, Any], kinds: Sequence[str]) -> None:
    session.execute(insert(contracts).values(values))
    if kinds:
        session.execute(insert(contract_kinds), [{"contract_id": values["id"], "kind": kind} for kind in kinds])


def insert_party(session: Session, contract_id: str, party: Party) -> None:
    session.execute(
        insert(parties).values(
            id=party.id,
            contract_id=contract_id,
            ordinal=party.ordinal,
            role=party.role,
            company_id=party.company_id,
            company_name=party.company_name,
            account_id=party.account_id,
            department=party.department,
        )
    )


def insert_document(session: Session, document: Document) -> None:
    session.execute(
        insert(documents).values(
            id=document.id,
            contract_id=document.contract_id,
            ordinal=document.ordinal,
            name=document.name,
            owner=document.owner,
            pages=document.pages,
            warnings=json.dumps(document.warnings, ensure_ascii=False),
        )
    )


def retire_document(session: Session, document_id: str, at: Instant) -> None:
    session.execute(update(documents).where(documents.c.id == document_id).values(replaced_at=at))


def insert_revision(session: Session, revision: Revision) -> None:
    session.execute(
        insert(revisions).values(
            id=revision.id,
            document_id=revision.document_id,
            ordinal=revision.ordinal,
            kind=revision.kind,
            digest=revision.digest,
            size=revision.size,
            created_at=revision.created_at,
        )
    )


def insert_slots(session: Session, wanted: Sequence[Slot]) -> None:
    values = [
        {
            "id": slot.id,
            "document_id": slot.document_id,
            "party_id": slot.party_id,
            "ordinal": slot.ordinal,
            "field": slot.field,
            "signer": "",
            "certificate_kind": "",
        }
        for slot in wanted
    ]
    session.execute(insert(slots), values)


def fill_slot(session: Session, slot: Slot) -> bool:
    """Record a signature once; ``False`` if the slot was filled already."""
    filled = session.execute(
        update(slots)
        .where(slots.c.id == slot.id, slots.c.signed_at.is_(None))
        .values(
            signed_at=slot.signed_at,
            signer=slot.signer,
            certificate_kind=slot.certificate_kind,
            revision_id=slot.revision_id,
        )
    )
    return bool(filled.rowcount)  # type: ignore[attr-defined]


def move(session: Session, contract: Contract, values: Mapping[str, Any]) -> bool:
    """Change a contract that is still at the version that was read; ``False`` if somebody was faster."""
    moved = session.execute(
        update(contracts)
        .where(contracts.c.id == contract.id, contracts.c.version == contract.version)
        .values(version=contract.version + 1, **values)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]
