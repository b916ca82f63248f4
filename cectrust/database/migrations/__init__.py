"""Migrations: one Alembic branch ``core``, and one per plugin with tables, named like the plugin.

All branches are upgraded in one transaction under one lock, so that two processes that start together do it once and
a crash leaves the old schema.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text

from cectrust.database.engine import Database
from cectrust.sdk.errors import Misconfigured

HERE = Path(__file__).parent
LOCK = 0x6D696772
"""PostgreSQL advisory lock of migrations; SQLite's ``BEGIN IMMEDIATE`` is one already."""


@dataclass(frozen=True)
class Schema:
    """What the tables should be: metadata to compare with, and where each plugin's revisions lie."""

    metadata: Sequence[MetaData]
    versions: Mapping[str, Path]
    only: frozenset[str] = frozenset()
    """Restricts comparisons to these tables; empty means all of the metadata."""

    @property
    def table_names(self) -> frozenset[str]:
        return self.only or frozenset(name for metadata in self.metadata for name in metadata.tables)


def upgrade(database: Database, schema: Schema, to: str = "heads") -> None:
    """Bring every branch to its head, or one to the revision ``to``. Does nothing when all are there."""
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
        command.upgrade(_config(connection, schema), to)


def require_current(database: Database, schema: Schema) -> None:
    """Raises ``Misconfigured`` unless every branch is at its head; start-up stops and says what to do."""
    with database.engine.connect() as connection:
        wanted = set(ScriptDirectory.from_config(_config(connection, schema)).get_heads())
        there = set(MigrationContext.configure(connection).get_current_heads())
    if wanted != there:
        raise Misconfigured(
            "schema_outdated",
            "データベースの版が、このプログラムと合いません。cectrust db upgrade を実行してください。",
            "The database schema is not this program's; run `cectrust db upgrade`.",
            f"{sorted(there)} instead of {sorted(wanted)}",
        )


def differences(database: Database, schema: Schema) -> list[str]:
    """How the real tables differ from the metadata, one line each; empty when they are the same."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=compare_options(schema.table_names))
        return [str(difference) for difference in compare_metadata(context, list(schema.metadata))]  # type: ignore[arg-type]


def compare_options(names: frozenset[str]) -> dict[str, Any]:
    """Only our tables are looked at: on SQLite those of the workflow engine lie beside them."""
    return {
        "include_name": lambda name, kind, _parents: kind != "table" or name in names,
        "include_object": lambda _object, name, kind, _reflected, _other: kind != "table" or name in names,
        "compare_type": True,
    }


def _config(connection: Connection, schema: Schema) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    places = [HERE / "versions", *schema.versions.values()]
    config.set_main_option("version_locations", "\n".join(map(str, places)).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    return config
