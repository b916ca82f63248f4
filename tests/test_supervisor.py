"""The supervisor starts what died again and ends everything together."""

from __future__ import annotations

import itertools
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cectrust.settings import load_settings
from cectrust.supervisor import Program, Supervisor, programs
from tests.support.platforms import settings_file

SLEEP = "import time; time.sleep(600)"
NOTE = "import os, sys; open(sys.argv[1], 'a').write(str(os.getpid()) + '\\n')"


def program(name: str, code: str, notes: Path) -> Program:
    """A child that first notes its process id."""
    return Program(name, [sys.executable, "-c", f"{NOTE}; {code}", str(notes)], dict(os.environ), notes.exists)


def pids(notes: Path) -> list[int]:
    return [int(line) for line in notes.read_text().split()] if notes.exists() else []


def until_started(notes: Path, times: int) -> None:
    deadline = time.monotonic() + 30
    while len(pids(notes)) < times:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "pids"


def test_it_tells_once_when_all_serve_and_ends_them_when_stopped(notes: Path) -> None:
    told: list[int] = []
    supervisor = Supervisor([program("a", SLEEP, notes)])

    def ready() -> None:
        told.append(1)
        supervisor.stop()

    assert supervisor.run(ready) == 0
    assert told == [1]
    (pid,) = pids(notes)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("moment", range(12))
def test_a_signal_handler_may_stop_it_at_any_moment(moment: int) -> None:
    """A handler runs between two steps of the main thread, while that holds whatever it holds."""
    supervisor, steps = Supervisor([]), itertools.count()

    def handler(*_step: object) -> None:
        if next(steps) == moment:
            supervisor.stop()

    def run() -> None:
        sys.setprofile(handler)
        supervisor.run(lambda: None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


@contextmanager
def supervised(supervisor: Supervisor) -> Iterator[None]:
    thread = threading.Thread(target=supervisor.run, args=(lambda: None,))
    thread.start()
    try:
        yield
    finally:
        supervisor.stop()
        thread.join()


def test_a_child_that_was_killed_is_started_again(notes: Path) -> None:
    with supervised(Supervisor([program("a", SLEEP, notes)])):
        until_started(notes, 1)
        os.kill(pids(notes)[0], signal.SIGKILL)
        until_started(notes, 2)
    assert len(set(pids(notes))) == 2


def test_children_end_with_a_supervisor_that_was_killed(notes: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from cectrust.supervisor import Supervisor;"
        "from tests.test_supervisor import SLEEP, program;"
        "Supervisor([program('a', SLEEP, Path(sys.argv[1]))]).run(lambda: None)"
    )
    environment = os.environ | {"PYTHONPATH": ":".join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code, str(notes)], env=environment) as parent:
        try:
            until_started(notes, 1)
            child = os.pidfd_open(pids(notes)[0])
        finally:
            parent.kill()
    try:
        assert select.select([child], [], [], 30)[0] == [child]
    finally:
        os.close(child)


def test_web_ends_before_the_worker_and_the_keys_role_last(tmp_path: Path) -> None:
    settings = load_settings(settings_file(tmp_path, ""), {})
    assert [each.name for each in programs(settings, tmp_path / "cectrust.toml")] == ["keys", "work", "web"]


def test_children_read_the_same_settings(tmp_path: Path) -> None:
    settings = load_settings(settings_file(tmp_path, ""), {})
    named = {each.environment["CECTRUST_SETTINGS"] for each in programs(settings, tmp_path / "cectrust.toml")}
    assert named == {str(tmp_path / "cectrust.toml")}
