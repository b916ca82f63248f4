"""The two kinds of transaction, on both engines."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cectrust.database import Database

WRITE = text("INSERT INTO journal_readers VALUES ('r', 1)")


def test_nothing_is_written_in_a_reading_transaction(database: Database) -> None:
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(WRITE)
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM journal_readers")) == 0


def test_a_connection_that_was_used_for_reading_writes_again(database: Database) -> None:
    with database.reading() as session:
        session.execute(text("SELECT 1"))
    with database.transaction() as session:
        session.execute(WRITE)
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM journal_readers")) == 1
