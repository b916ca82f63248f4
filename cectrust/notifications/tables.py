"""One row per act, recipient and notifier: nobody is told twice by the same one."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from cectrust.database.metadata import instant, key, metadata

notifications = Table(
    "notification_messages",  # DBOS has a table "notifications", which on SQLite lies beside ours
    metadata,
    key(primary_key=True),
    key("act_id", nullable=False),
    Column("subject_id", String(64), nullable=False),
    Column("notifier", String(64), nullable=False),
    key("account_id", nullable=False),
    Column("message_id", String(255), nullable=False),
    Column("address", String(254), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    instant("due_at"),
    instant("created_at"),
    instant("ended_at", nullable=True),
    Column("failure", Text, nullable=False),
    UniqueConstraint("act_id", "account_id", "notifier"),
    Index("ix_notification_messages_due", "state", "due_at"),
)
