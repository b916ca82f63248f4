"""Recording acts, giving them their order, and reading them in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from cectrust.clock import new_id
from cectrust.journal import store
from cectrust.journal.model import GENESIS, Head, RecordedAct, chain
from cectrust.sdk.errors import IntegrityBroken
from cectrust.sdk.protocols import Act, Actor, Clock

BATCH = 1000


@dataclass(frozen=True)
class DatabaseJournal:
    """The journal that services and plugins are handed (``cectrust.sdk.protocols.Journal``)."""

    clock: Clock

    def record(self, session: Session, actor: Actor, act: Act) -> None:
        """Insert in the caller's transaction: an act is in the journal exactly if what it tells of happened."""
        store.insert_act(
            session,
            RecordedAct(
                id=new_id(self.clock),
                at=self.clock.now(),
                actor_kind=actor.kind.value,
                actor_id=actor.id,
                actor_name=actor.name,
                act=act.act,
                subject=act.subject,
                company_ids=act.company_ids,
                detail=dict(act.detail),
            ),
        )


def sequence(session: Session) -> Head:
    """Give every committed act without one its position and chain hash; returns the new head.

    Commit order differs from id order on PostgreSQL, so a reader by id would lose acts that commit late;
    positions are given after the commit, by one sequencer at a time.
    """
    store.lock_sequencer(session)
    head = store.head(session)
    for act in store.unsequenced(session, BATCH):
        head = Head(head.position + 1, chain(head.chain_hash, act))
        store.insert_position(session, head.position, act.id, head.chain_hash)
    return head


def head_at(session: Session, position: int) -> Head | None:
    """What the journal's head was when ``position`` was its last one; ``None`` if it has no such position."""
    return store.head_at(session, position)


def unread(session: Session, reader: str, limit: int = BATCH) -> list[tuple[int, RecordedAct]]:
    """The next sequenced acts that ``reader`` has not marked as read, in order, each with its position."""
    return store.since(session, store.reader_position(session, reader), limit)


def mark_read(session: Session, reader: str, position: int) -> None:
    """``reader`` has dealt with everything up to ``position``; in the transaction in which it did."""
    store.move_reader(session, reader, position)


def verify(session: Session) -> Head:
    """Recompute the whole chain.

    Raises:
        IntegrityBroken: an act or a hash differs from what was chained (names the position), or an act is in no chain.
    """
    head = Head(-1, GENESIS)
    while batch := store.chained_since(session, head.position, BATCH):
        for recorded, act in batch:
            head = _compare(head, recorded, act)
    if act_id := store.forgotten(session):
        raise IntegrityBroken(
            "journal_act_forgotten",
            f"記録簿の行為 {act_id} が連鎖に入っておらず、入る予定もありません。",
            f"The act {act_id} is in no chain and waits for none.",
        )
    return head


def _compare(previous: Head, recorded: Head, act: RecordedAct) -> Head:
    expected = Head(previous.position + 1, chain(previous.chain_hash, act))
    if recorded == expected:
        return expected
    raise IntegrityBroken(
        "journal_broken",
        f"記録簿の {expected.position} 番目が、記録された連鎖と一致しません。",
        f"Journal position {expected.position} does not match its recorded chain hash.",
    )
