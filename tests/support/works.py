"""Units of work for tests of one room: a real database and journal, no store, no providers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cectrust.blobs.service import Blobs
from cectrust.database import Database
from cectrust.journal.service import DatabaseJournal
from cectrust.sdk.protocols import Clock
from cectrust.work import Work


class NoStore:
    """Stands where a room's tests must not touch a store; every use fails."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the store was asked to {name}")


def refuse_to_enqueue(_session: object, workflow: str, _workflow_id: str) -> None:
    raise AssertionError(f"{workflow} was started")


@contextmanager
def work_on(database: Database, clock: Clock) -> Iterator[Work]:
    """One committed unit of work."""
    with database.transaction() as session:
        yield Work(
            session, clock, DatabaseJournal(clock), Blobs(NoStore()), (), refuse_to_enqueue, NoStore(), NoStore(), ()
        )
