"""Run by Alembic, always on a connection and in a transaction of ``cectrust.database.migrations``."""

from __future__ import annotations

from alembic import context

from cectrust.database.migrations import compare_options

schema = context.config.attributes["schema"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(schema.metadata),
    **compare_options(schema.table_names),
)
context.run_migrations()
