"""Inserting a row unless it is there, as both engines do it without an error that ends the transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, literal
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session


def insert_new(session: Session, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row; ``False`` if it breaks a unique constraint.

    PostgreSQL waits for another transaction that is inserting the same one, so that ``False`` means it is committed.
    """
    new = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    inserted = new(table).values(values).on_conflict_do_nothing().returning(literal(1))
    return session.execute(inserted).first() is not None
