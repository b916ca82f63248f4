"""The only SQL of batches: which contracts one person signs in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Instant
from cectrust.signing.model import Batch, BatchItem, RequestState, SigningRequest
from cectrust.signing.store import request_of
from cectrust.signing.tables import batch_items, batches, requests


def insert_batch(session: Session, batch: Batch) -> None:
    session.execute(insert(batches).values(id=batch.id, account_id=batch.account_id, created_at=batch.created_at))
    values = [
        {
            "batch_id": batch.id,
            "ordinal": item.ordinal,
            "contract_id": item.contract_id,
            "refusal_ja": item.refusal_ja,
            "refusal_en": item.refusal_en,
        }
        for item in batch.items
    ]
    session.execute(insert(batch_items), values)


def batch_by_id(session: Session, batch_id: str) -> Batch | None:
    """For the batch's own user and the keys role: callers compare the account."""
    row = session.execute(select(batches).where(batches.c.id == batch_id)).first()
    if row is None:
        return None
    query = select(batch_items).where(batch_items.c.batch_id == batch_id).order_by(batch_items.c.ordinal)
    items = tuple(
        BatchItem(item.ordinal, item.contract_id, item.request_id, item.refusal_ja, item.refusal_en)
        for item in session.execute(query)
    )
    expires_at = None if row.expires_at is None else Instant(row.expires_at)
    return Batch(row.id, row.account_id, row.connection_id, row.certificate, Instant(row.created_at), expires_at, items)


def requests_of_batch(session: Session, batch_id: str) -> dict[int, SigningRequest]:
    """The requests that a batch's items point to now, by ordinal, in that order."""
    query = (
        select(batch_items.c.ordinal, requests)
        .join(requests, requests.c.id == batch_items.c.request_id)
        .where(batch_items.c.batch_id == batch_id)
        .order_by(batch_items.c.ordinal)
    )
    return {row.ordinal: request_of(row) for row in session.execute(query)}


def change_batch(session: Session, batch_id: str, values: Mapping[str, Any]) -> None:
    session.execute(update(batches).where(batches.c.id == batch_id).values(values))


def change_item(session: Session, batch_id: str, ordinal: int, values: Mapping[str, Any]) -> None:
    mine = (batch_items.c.batch_id == batch_id, batch_items.c.ordinal == ordinal)
    session.execute(update(batch_items).where(*mine).values(values))


def refuse_item(session: Session, batch_id: str, read: BatchItem, ja: str, en: str) -> None:
    """Note why an item could not be prepared, unless more became of it since it was read.

    Another tab may have prepared it, or the signature for the request that it had may have been accepted.
    """
    item, started = batch_items.c, (RequestState.ACCEPTED, RequestState.COMPLETED)
    signed = exists().where(requests.c.id == item.request_id, requests.c.state.in_(started))
    as_read = (
        item.batch_id == batch_id,
        item.ordinal == read.ordinal,
        item.request_id.is_not_distinct_from(read.request_id),
    )
    refused = update(batch_items).where(*as_read, ~signed)
    session.execute(refused.values(refusal_ja=ja, refusal_en=en, request_id=None))


def forget_requests(session: Session, batch_id: str, ordinals: Sequence[int]) -> None:
    """These items are to be prepared anew."""
    mine = (batch_items.c.batch_id == batch_id, batch_items.c.ordinal.in_(ordinals))
    session.execute(update(batch_items).where(*mine).values(request_id=None))
