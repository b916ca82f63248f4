"""The migrated schema is the schema that the code works with, on both engines."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from cectrust.database import Database, open_database
from cectrust.database.migrations import Schema, differences, require_current, upgrade
from cectrust.plugins import load_plugins
from cectrust.rooms import schema
from cectrust.sdk.errors import Misconfigured
from cectrust.workflows import engine

ACT = "INSERT INTO journal_acts VALUES ('{0}', 1, 'system', 's', 's', 'a', 's', '[]', '{{}}')"
ENTRY = "INSERT INTO archive_entries VALUES ('{0}', 'c', 'e', 'l', 'n', 1, '{{}}', 'aa', '{0}')"
BEFORE_PENDING = (
    *(kind.format(name) for kind in (ACT, ENTRY) for name in ("placed", "waits")),
    "INSERT INTO journal_positions VALUES (0, 'placed', 'aa')",
    "INSERT INTO archive_leaves VALUES (0, 'placed', 'aa')",
)
CECSIGN = EntryPoint("cecsign", "cectrust_cecsign.plugin", "cectrust")


@pytest.fixture
def empty(database_url: str) -> Database:
    return open_database(database_url)


@pytest.fixture(params=["core", "with cecsign"])
def wanted(request: pytest.FixtureRequest) -> Schema:
    return schema(load_plugins(installed=[CECSIGN] if request.param == "with cecsign" else []))


def test_migrated_schema_equals_the_tables_in_code(empty: Database, wanted: Schema) -> None:
    upgrade(empty, wanted)
    engine.migrate(empty)  # its tables lie beside ours on SQLite and are no difference
    assert differences(empty, wanted) == []
    require_current(empty, wanted)
    empty.close()


def test_upgrading_again_changes_nothing(empty: Database, wanted: Schema) -> None:
    upgrade(empty, wanted)
    upgrade(empty, wanted)
    assert differences(empty, wanted) == []
    empty.close()


def test_an_unmigrated_database_stops_start_up(empty: Database, wanted: Schema) -> None:
    with pytest.raises(Misconfigured, match="db upgrade"):
        require_current(empty, wanted)
    empty.close()


def test_a_column_that_code_does_not_know_is_a_difference(empty: Database, wanted: Schema) -> None:
    upgrade(empty, wanted)
    with empty.engine.begin() as connection:
        connection.execute(text("ALTER TABLE journal_acts ADD COLUMN forgotten TEXT"))
    assert ["forgotten" in line for line in differences(empty, wanted)] == [True]
    empty.close()


def test_a_revision_that_fails_leaves_the_schema_as_it_was(empty: Database, wanted: Schema, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "one.py").write_text(
        "from alembic import op\nrevision = 'broken_1'\ndown_revision = None\nbranch_labels = ('broken',)\n"
        "def upgrade():\n    op.execute('CREATE TABLE half_done (id INTEGER)')\n    raise RuntimeError\n"
    )
    with pytest.raises(RuntimeError):
        upgrade(empty, Schema(wanted.metadata, {**wanted.versions, "broken": broken}))
    assert inspect(empty.engine).get_table_names() == []
    empty.close()


def test_what_waited_before_its_own_tables_waits_in_them(empty: Database, wanted: Schema) -> None:
    upgrade(empty, wanted, to="core_0011")
    with empty.engine.begin() as connection:
        for statement in BEFORE_PENDING:
            connection.execute(text(statement))
    upgrade(empty, wanted)
    with empty.engine.begin() as connection:
        assert connection.scalars(text("SELECT act_id FROM journal_pending")).all() == ["waits"]
        assert connection.scalars(text("SELECT entry_id FROM archive_pending")).all() == ["waits"]
    empty.close()
