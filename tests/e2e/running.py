"""A whole demonstration, running: server, worker, keys role, TSA, mail catcher, two bridges with a person at each."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cectrust.demo import processes
from cectrust.demo.command import refuse_taken_ports
from cectrust.demo.instance import Instance
from cectrust.demo.layout import Layout
from cectrust.demo.people import PARTICIPANTS
from cectrust.supervisor import Program
from tests.e2e.terminal import BridgeTerminal, attended

START_SECONDS = 60.0
INSTALLED = "TEST_BRIDGE"
"""Names an installed bridge to run instead of the one of this environment."""


@dataclass
class Running:
    """What a journey needs to know."""

    layout: Layout
    people: dict[str, dict[str, Any]]
    """By participant: company, person, logins, passwords, PIN."""
    processes: dict[str, subprocess.Popen[bytes]]
    terminals: dict[str, BridgeTerminal] = field(default_factory=dict)
    """By participant, of the bridges that run."""
    bridges: ExitStack = field(default_factory=ExitStack)

    def start_bridges(self, *keys: str) -> None:
        """Of these participants; of all without ``keys``."""
        for participant in PARTICIPANTS:
            if participant.key in (keys or self.people):
                program = _installed(processes.bridge(self.layout, participant, "terminal"))
                person = attended(program, self.people[participant.key]["pin"])
                self.terminals[participant.key] = self.bridges.enter_context(person)

    def stop_bridges(self) -> None:
        self.bridges.close()
        self.terminals.clear()

    def mails(self) -> list[Path]:
        return sorted(self.layout.mails.glob("*.eml"))


def _installed(program: Program) -> Program:
    binary = os.environ.get(INSTALLED)
    return replace(program, command=[binary, *program.command[1:]]) if binary else program


@contextmanager
def running(root: Path, database: str = "", *, reuse: bool = False) -> Iterator[Running]:
    """Found a demonstration under ``root`` and run it. With ``reuse`` an instance that is there is run again.

    Raises ``Misconfigured`` where another one holds the ports: it would be spoken to instead of ours.
    """
    layout = Layout(root)
    instance = Instance(layout)
    if not (reuse and layout.state.exists()):
        instance.found(database, test_mode=True)
    refuse_taken_ports(layout)
    with ExitStack() as stack:
        programs = [*processes.around(layout), *processes.server(layout)]
        started = {program.name: stack.enter_context(_process(program, layout)) for program in programs}
        for program in programs:
            wait_until_ready(program, started[program.name], layout)
        people = json.loads(layout.state.read_text()) if layout.state.exists() else instance.admit()
        server = Running(layout, people, started)
        stack.callback(server.stop_bridges)
        server.start_bridges()
        yield server


@contextmanager
def _process(program: Program, layout: Layout) -> Iterator[subprocess.Popen[bytes]]:
    with (layout.root / f"{program.name}.log").open("ab") as log:
        process = subprocess.Popen(program.command, env=program.environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """One that does not end by itself would hold its port against later tests; that it was killed is told."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def wait_until_ready(program: Program, process: subprocess.Popen[bytes], layout: Layout) -> None:
    """Until the program serves; says which one does not, and what it said last."""
    deadline = time.monotonic() + START_SECONDS
    while not program.ready():
        if process.poll() is not None or time.monotonic() > deadline:
            said = (layout.root / f"{program.name}.log").read_text()[-2000:]
            raise RuntimeError(f"{program.name} does not serve: {said}")
        time.sleep(0.1)
