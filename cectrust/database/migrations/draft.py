"""``python -m cectrust.database.migrations.draft``: write the initial revisions anew from the tables, one per room.

Only until the first release; from then on revisions are added and none is changed.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile

from alembic import command
from sqlalchemy import Table

from cectrust.database import Database, metadata, open_database
from cectrust.database.migrations import HERE, Schema, _config, upgrade

VERSIONS = HERE / "versions"


def main() -> None:
    from cectrust.rooms import ROOMS_WITH_TABLES  # no other module of this package knows the rooms

    for old in VERSIONS.glob("0*.py"):
        old.unlink()
    with tempfile.TemporaryDirectory() as directory:
        database = open_database(f"sqlite:///{directory}/empty.db")
        _write_all(database, ROOMS_WITH_TABLES)
        database.close()
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", VERSIONS], check=True)


def _write_all(database: Database, rooms: tuple[str, ...]) -> None:
    so_far: frozenset[str] = frozenset()
    for number, room in enumerate(rooms, start=1):
        so_far |= _tables_of(room)
        _write(database, f"{number:04}", room, so_far)
        upgrade(database, Schema([metadata], {}))


def _tables_of(room: str) -> frozenset[str]:
    module = importlib.import_module(f"cectrust.{room}.tables")
    return frozenset(value.name for value in vars(module).values() if isinstance(value, Table))


def _write(database: Database, number: str, room: str, names: frozenset[str]) -> None:
    """Autogenerate what ``names`` have beyond the revisions before."""
    first = number == "0001"
    with database.engine.begin() as connection:
        command.revision(
            _config(connection, Schema([metadata], {}, names)),
            message=f"The tables of {room}",
            autogenerate=True,
            rev_id=f"core_{number}",
            head="base" if first else "core@head",
            branch_label="core" if first else None,
            version_path=str(VERSIONS),
        )
    made = next(VERSIONS.glob(f"core_{number}_*.py"))
    lines = [line for line in made.read_text().splitlines(keepends=True) if not line.startswith("    # ###")]
    (VERSIONS / f"{number}_{room}.py").write_text("".join(lines))
    made.unlink()


if __name__ == "__main__":
    main()
