"""Who is alive: one row per worker process."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from cectrust.database.metadata import instant, metadata

heartbeats = Table(
    "workflow_heartbeats",
    metadata,
    Column("executor_id", String(64), primary_key=True),
    instant("at"),
)
