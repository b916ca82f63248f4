"""One database, opened once per process; one request or step is one transaction.

SQLite runs in WAL with FULL sync, so that what was committed survives a power cut; writers take the lock at once
(``BEGIN IMMEDIATE``) instead of failing later in the middle of a transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_MILLISECONDS = 30_000
"""How long a writer waits for SQLite's lock before it gives up."""


class Database:
    """An engine and the two kinds of transaction that the product knows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._here = threading.local()
        self._sessions = sessionmaker(engine, expire_on_commit=False, autoflush=False)
        self._readers = sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False, autoflush=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing transaction: committed at the end, rolled back on any exception.

        Raises:
            RuntimeError: this thread is writing already. On SQLite it would wait for itself until both are lost.
        """
        if getattr(self._here, "writing", False):
            raise RuntimeError("a second writing transaction in a thread that has one open")
        self._here.writing = True
        try:
            with self._sessions.begin() as session:
                yield session
        finally:
            self._here.writing = False

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A reading transaction: one state of the database, no write lock; writing is an error."""
        with self._readers.begin() as session:
            if not self.is_sqlite:
                session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield session

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str, *, pool_size: int = 20) -> Database:
    """Open ``sqlite:////absolute/path`` or ``postgresql+psycopg://…``; makes no table."""
    sqlite = make_url(url).get_backend_name() == "sqlite"
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 10, "pool_pre_ping": not sqlite}
    options["hide_parameters"] = True  # what people enter must not reach logs through error messages
    engine = create_engine(url, **options)
    if sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions behind our back
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only={int(read_only)}")  # stays with the connection, so set each time
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
