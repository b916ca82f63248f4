"""Fixtures for every room: both database engines, a clock that tests choose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cectrust.database import Database, metadata, open_database
from cectrust.sdk.protocols import Instant
from tests.support import postgres
from tests.support.house import House, house

DOCUMENT = Path(__file__).parent / "fixtures" / "pdf" / "weasyprint.pdf"
NOON = Instant(1_795_402_800_000_000)
"""2026-11-23 12:00:00 in Japan."""


class ChosenClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: Instant = NOON) -> None:
        self.at = at

    def now(self) -> Instant:
        return self.at

    def advance(self, *, seconds: float) -> None:
        self.at = Instant(self.at + int(seconds * 1_000_000))


@pytest.fixture
def clock() -> ChosenClock:
    return ChosenClock()


@pytest.fixture(scope="session")
def postgres_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.server(tmp_path_factory.mktemp("postgres")) as socket:
        yield socket


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The whole house on each engine, opened once: every test makes its own contracts in it."""
    directory = tmp_path_factory.mktemp("house")
    with ExitStack() as opened:
        url = f"sqlite:///{directory}/cectrust.db"
        if request.param == "postgresql":
            url = opened.enter_context(postgres.fresh_database(request.getfixturevalue("postgres_socket")))
        yield opened.enter_context(house(directory, url, DOCUMENT))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/cectrust.db"
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_socket")) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables of the rooms imported so far."""
    opened = open_database(database_url)
    metadata.create_all(opened.engine)
    yield opened
    opened.close()
