"""Fixtures for every room: both database engines, a clock that tests choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
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


Opening = Callable[[str], House]


@pytest.fixture(scope="session")
def houses(postgres_socket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opening]:
    """Opens the house of an engine once, and keeps it to the end: tests of both engines take turns."""
    with ExitStack() as opened:

        @cache
        def open_house(engine: str) -> House:
            directory = tmp_path_factory.mktemp("house")
            url = opened.enter_context(postgres.database_of(engine, directory, postgres_socket))
            return opened.enter_context(house(directory, url, DOCUMENT))

        yield open_house


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, houses: Opening) -> House:
    """The whole house on each engine: every test makes its own contracts in it."""
    return houses(request.param)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, once on each engine."""
    socket = request.getfixturevalue("postgres_socket") if request.param == "postgresql" else ""
    with postgres.database_of(request.param, tmp_path, socket) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with all tables of the rooms imported so far."""
    opened = open_database(database_url)
    metadata.create_all(opened.engine)
    yield opened
    opened.close()
