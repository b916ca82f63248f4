"""Acts are inserted and never changed; their order is given by rows of a second table."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, Text

from cectrust.database.metadata import digest, instant, key, metadata

acts = Table(
    "journal_acts",
    metadata,
    key(primary_key=True),
    instant("at"),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("act", String(64), nullable=False, index=True),
    Column("subject", String(64), nullable=False, index=True),
    Column("company_ids", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

positions = Table(
    "journal_positions",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    key("act_id", ForeignKey("journal_acts.id"), nullable=False, unique=True),
    digest("chain_hash"),
)

pending = Table(
    "journal_pending",
    metadata,
    key("act_id", ForeignKey("journal_acts.id"), primary_key=True),
)
"""Acts without a position: the sequencer asks every second, and must not look through all acts there ever were."""

readers = Table(
    "journal_readers",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
