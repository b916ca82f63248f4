"""The journal keeps every act, in one order, and notices every change."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from cectrust.database import Database
from cectrust.journal import service, store
from cectrust.journal.tables import acts, pending
from cectrust.sdk.errors import IntegrityBroken
from cectrust.sdk.protocols import Act, Actor, ActorKind
from tests.conftest import ChosenClock

SOMEBODY = Actor(ActorKind.USER, "u1", "c1", name="髙﨑 𠮷乃")


def record(database: Database, clock: ChosenClock, *subjects: str) -> None:
    journal = service.DatabaseJournal(clock)
    for subject in subjects:
        with database.transaction() as session:
            journal.record(session, SOMEBODY, Act("contract.sent", subject, ("c1",), {"n": 1}))
        clock.advance(seconds=1)


def test_acts_are_read_in_the_order_of_their_positions(database: Database, clock: ChosenClock) -> None:
    record(database, clock, "a", "b", "c")
    with database.transaction() as session:
        assert service.sequence(session).position == 2
    with database.reading() as session:
        assert [act.subject for _, act in store.since(session, 0, 10)] == ["b", "c"]


def test_an_act_is_gone_with_the_transaction_that_fails(database: Database, clock: ChosenClock) -> None:
    journal = service.DatabaseJournal(clock)
    with pytest.raises(RuntimeError), database.transaction() as session:
        journal.record(session, SOMEBODY, Act("contract.sent", "a"))
        raise RuntimeError
    with database.transaction() as session:
        assert service.sequence(session).position == -1


def test_sequencing_twice_gives_no_act_two_positions(database: Database, clock: ChosenClock) -> None:
    record(database, clock, "a")
    with database.transaction() as session:
        first = service.sequence(session)
    with database.transaction() as session:
        assert service.sequence(session) == first


def test_a_changed_act_is_named(database: Database, clock: ChosenClock) -> None:
    record(database, clock, "a", "b")
    with database.transaction() as session:
        service.sequence(session)
    with database.transaction() as session:
        session.execute(update(acts).where(acts.c.subject == "b").values(actor_id="u2"))
    with database.reading() as session, pytest.raises(IntegrityBroken, match="position 1"):
        service.verify(session)


def test_an_untouched_journal_verifies_to_its_head(database: Database, clock: ChosenClock) -> None:
    record(database, clock, "a", "b")
    with database.transaction() as session:
        head = service.sequence(session)
    with database.reading() as session:
        assert service.verify(session) == head


def test_a_reader_that_read_the_first_act_does_not_get_it_again(database: Database) -> None:
    with database.transaction() as session:
        assert store.reader_position(session, "mail") == -1
        store.move_reader(session, "mail", 0)
        assert store.reader_position(session, "mail") == 0


def test_an_act_that_waits_for_no_position_is_named(database: Database, clock: ChosenClock) -> None:
    record(database, clock, "a")
    with database.transaction() as session:
        service.sequence(session)
    record(database, clock, "b")
    with database.reading() as session:
        assert service.verify(session).position == 0
    with database.transaction() as session:
        session.execute(delete(pending))
    with database.reading() as session, pytest.raises(IntegrityBroken, match="journal_act_forgotten"):
        service.verify(session)


def test_what_has_its_position_waits_no_longer(database: Database, clock: ChosenClock) -> None:
    record(database, clock, "a", "b")
    with database.transaction() as session:
        service.sequence(session)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(pending)) == 0
