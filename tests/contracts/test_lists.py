"""Lists stay fast with a million contracts because of how they are read, which the query plan tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from cectrust import rooms  # noqa: F401 -- contracts refer to tables of other rooms
from cectrust.contracts.model import State
from cectrust.contracts.store import reading
from cectrust.contracts.store.reading import Filters
from cectrust.database import Database, metadata, open_database
from cectrust.identity.permissions import Scope

COMPANY = Scope("0" * 32)
DESK = Scope("0" * 32, "1" * 32, "購買部")
EVERYBODY = Scope(None)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """The engine without statistics: its plan depends on the query and the indexes alone."""
    opened = open_database(f"sqlite:///{tmp_path}/cectrust.db")
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


def plan(database: Database, ask: Callable[[Session], object]) -> str:
    """SQLite's plan for the first statement that `ask` executes."""
    executed: list[tuple[str, Any]] = []
    with database.reading() as session:
        event.listen(database.engine, "before_cursor_execute", lambda *told: executed.append((told[2], told[3])))
        ask(session)
        statement, parameters = next(one for one in executed if one[0].startswith("SELECT"))
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(str(row[3]) for row in rows)


@pytest.mark.parametrize("scope", [COMPANY, DESK], ids=["company", "desk"])
@pytest.mark.parametrize(
    "filters", [Filters(), Filters(before="0" * 32), Filters(state=State.CONCLUDED)], ids=["first", "next", "concluded"]
)
def test_a_companys_list_is_read_along_its_own_index_and_never_sorted(
    sqlite: Database, scope: Scope, filters: Filters
) -> None:
    found = plan(sqlite, lambda session: reading.page(session, scope, filters, 50))
    assert "ix_contract_parties_of_company (company_id=?" in found
    assert "TEMP B-TREE" not in found


@pytest.mark.parametrize("filters", [Filters(), Filters(state=State.CONCLUDED)], ids=["all", "concluded"])
def test_a_list_of_everybodys_contracts_is_never_sorted(sqlite: Database, filters: Filters) -> None:
    assert "TEMP B-TREE" not in plan(sqlite, lambda session: reading.page(session, EVERYBODY, filters, 50))
