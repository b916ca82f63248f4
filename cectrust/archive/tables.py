"""Entries, and the log that orders them. Leaves and checkpoints are authoritative; nodes and tiles are derived."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from cectrust.database.metadata import digest, instant, key, metadata

entries = Table(
    "archive_entries",
    metadata,
    key(primary_key=True),
    Column("company_id", String(64), nullable=False, index=True),
    Column("event", String(16), nullable=False),
    Column("ledger", String(64), nullable=False),
    Column("number", String(64), nullable=False, index=True),
    instant("at"),
    Column("content", Text, nullable=False),
    digest("leaf_data"),
    Column("identity", String(64), nullable=False, unique=True),
)
"""`content` is the entry's canonical JSON; `identity` makes a repeated sealing of one event the same row."""

files = Table(
    "archive_files",
    metadata,
    key("entry_id", ForeignKey("archive_entries.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
)

leaves = Table(
    "archive_leaves",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    key("entry_id", ForeignKey("archive_entries.id"), nullable=False, unique=True),
    digest("leaf_data"),
)

pending = Table(
    "archive_pending",
    metadata,
    key("entry_id", ForeignKey("archive_entries.id"), primary_key=True),
)
"""Entries without a leaf: the sequencer asks every second, and must not look through all entries there ever were."""

nodes = Table(
    "archive_nodes",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    digest("hash"),
)
"""Roots of full tiles: level L, index i covers the leaves [i * 256**L, (i + 1) * 256**L)."""

checkpoints = Table(
    "archive_checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    digest("root"),
    Column("note", Text, nullable=False),
    Column("timestamp", LargeBinary, nullable=False),
    Column("assurance", String(32), nullable=False),
    instant("at"),
)
