"""A real CA on real SoftHSM2 tokens, made once; every test works on a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cecsign_support.ca import (
    OFFICER,
    Ca,
    ShiftedClock,
    context_on,
    copy_register,
    make_token,
    opened,
    settings_in,
    softhsm,
    write_pin,
)
from cectrust_cecsign.hierarchy import initialise
from cectrust_cecsign.model import Authority
from cectrust_cecsign.publishing import publish_crl

from tests.support import postgres

pytest.register_assert_rewrite("cectrust.sdk.testing")


@pytest.fixture(scope="session")
def established(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of a CA made once: RSA-4096 takes seconds."""
    directory = tmp_path_factory.mktemp("cecsign-established")
    write_pin(directory)
    with softhsm(directory), opened(f"sqlite:///{directory}/cectrust.db") as database:
        make_token("cecsign-online")
        make_token("cecsign-offline")
        context = context_on(database, directory, ShiftedClock(), settings_in(directory))
        initialise(context, OFFICER)
        for authority in Authority:
            publish_crl(context, OFFICER, authority)
    return directory


@pytest.fixture
def ca_directory(established: Path, tmp_path: Path) -> Iterator[Path]:
    """This test's own copy of tokens and database."""
    directory = tmp_path / "ca"
    shutil.copytree(established, directory)
    with softhsm(directory):
        yield directory


@pytest.fixture(scope="session")
def postgres_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.server(tmp_path_factory.mktemp("postgres")) as socket:
        yield socket


@pytest.fixture
def ca(ca_directory: Path) -> Iterator[Ca]:
    """The CA on SQLite."""
    clock = ShiftedClock()
    with opened(f"sqlite:///{ca_directory}/cectrust.db") as database:
        yield Ca(context_on(database, ca_directory, clock, settings_in(ca_directory)), ca_directory, clock)


@pytest.fixture(params=["sqlite", "postgresql"])
def ca_on_both(request: pytest.FixtureRequest, ca: Ca, ca_directory: Path) -> Iterator[Ca]:
    """The CA on each engine; the register is copied over."""
    if request.param == "sqlite":
        yield ca
        return
    socket = request.getfixturevalue("postgres_socket")
    with postgres.fresh_database(socket) as url, opened(url) as database:
        copy_register(ca, database)
        context = context_on(database, ca_directory, ca.clock, ca.context.settings)
        yield replace(ca, context=context)
