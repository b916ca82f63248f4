"""A house whose work is done by real processes; each test has contracts of its own in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cectrust.archive import tables as archive
from cectrust.checks import checks
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract
from cectrust.doctor import examine
from cectrust.signing.model import SigningRequest
from tests.conftest import DOCUMENT
from tests.faults.processes import Processes, Running, processes
from tests.faults.relay import Relay, relaying
from tests.support import postgres
from tests.support.house import House, house
from tests.support.mail import Mailbox, catching
from tests.support.person import Person
from tests.support.waiting import until


@dataclass
class Plant:
    """The house, its processes and its post. At most one worker runs, because a worker's name is its own."""

    home: House
    processes: Processes
    mailbox: Mailbox
    relay: Relay
    running: Running | None = None

    def worker(self, dying_at: str = "") -> Running:
        """A new worker in place of the one that ran or died before."""
        self.stop_worker()
        self.running = self.processes.worker(dying_at)
        return self.running

    def stop_worker(self) -> None:
        if self.running is not None:
            self.running.terminate()
            self.running.wait(60)
            self.running = None

    def accept(self, person: Person, contract: Contract) -> SigningRequest:
        return self.home.accept(person, self.home.request(person, contract.id))

    def sent(self) -> Contract:
        """A contract that the sender signed and sent; no worker runs afterwards."""
        contract = self.home.register()
        self.home.consent(contract)
        self.accept(self.home.sender, contract)
        if self.running is None or self.running.has_ended():
            self.worker()
        self.settle(contract)
        self.home.do(contracts.send, self.home.sender.actor, contract.id)
        self.stop_worker()
        return self.home.contract(contract.id)

    def said(self, *command: str) -> str:
        """What ``cectrust …`` prints; it must succeed."""
        environment = {**os.environ, "CECTRUST_SETTINGS": str(self.processes.settings)}
        arguments = [sys.executable, "-m", "cectrust", *command]
        return subprocess.run(arguments, env=environment, check=True, capture_output=True, text=True).stdout

    def settle(self, contract: Contract) -> None:
        """Wait until no signature of this contract is under way."""
        until(lambda: self.home.contract(contract.id).accepting_request_id is None)

    def until_the_log_stands(self) -> None:
        """Wait until every entry has its leaf and a checkpoint covers them all."""
        until(lambda: self._waiting() == 0)

    def _waiting(self) -> int:
        size = select(func.coalesce(func.max(archive.checkpoints.c.size), 0)).scalar_subquery()
        with self.home.platform.reading() as work:
            return work.session.scalar(select(func.count() - size).select_from(archive.entries)) or 0

    def findings(self) -> list[str]:
        """What ``cectrust doctor --deep`` names; nothing means exit status 0."""
        asked = examine(self.home.platform, checks(), deep=True)
        return [f"{finding.code} {finding.place}" for diagnosis in asked for finding in diagnosis.findings]

    def mails_about(self, contract: Contract, words: str) -> list[str]:
        subjects = [str(mail["Subject"]) for mail in self.mailbox.mails()]
        return [subject for subject in subjects if contract.number in subject and words in subject]


Founding = Callable[[str], Plant]


@pytest.fixture(scope="session")
def plants(postgres_socket: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founding]:
    """Founds the plant of an engine once, and keeps it to the end: tests of both engines take turns."""
    with ExitStack() as opened:

        @cache
        def found(engine: str) -> Plant:
            directory = tmp_path_factory.mktemp("plant")
            url = opened.enter_context(postgres.database_of(engine, directory, postgres_socket))
            return _plant(directory, url, opened)

        yield found


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def plant(request: pytest.FixtureRequest, plants: Founding) -> Plant:
    return plants(request.param)


def _plant(directory: Path, url: str, opened: ExitStack) -> Plant:
    mailbox = opened.enter_context(catching(directory / "mail"))
    home = opened.enter_context(house(directory, url, DOCUMENT, mailbox.port))
    settings = directory / "cectrust.toml"
    authority = str(re.search('\nurl = "(http://[^"]+)"', settings.read_text()).group(1))  # type: ignore[union-attr]
    relay = opened.enter_context(relaying(authority))
    settings.write_text(settings.read_text().replace(authority, relay.url))
    started = processes(settings, home.platform.settings.keys_socket)
    return Plant(home, opened.enter_context(started), mailbox, relay)
