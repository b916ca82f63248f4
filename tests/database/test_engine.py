"""The two kinds of transaction, on both engines; those that would wait for each other fail at once."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cectrust.database import Database
from cectrust.sdk.testing import together

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


def test_a_thread_that_writes_cannot_begin_to_write_again(database: Database) -> None:
    def write() -> None:
        with database.transaction():
            pass

    with database.transaction(), pytest.raises(RuntimeError, match="second writing transaction"):
        write()
    write()


def test_a_writer_may_read_and_a_reader_may_write(database: Database) -> None:
    with database.transaction(), database.reading():
        pass
    with database.reading(), database.transaction():
        pass


def test_other_threads_take_turns(database: Database) -> None:
    def write() -> None:
        with database.transaction():
            pass

    assert together(3, write) == []
