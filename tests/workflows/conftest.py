"""A migrated database and worker processes on it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cectrust.platform import Platform
from cectrust.workflows import engine, tables
from tests.support.platforms import platform as composed
from tests.workflows import jobs


@pytest.fixture
def platform(database_url: str, tmp_path: Path) -> Iterator[Platform]:
    opened = composed(tmp_path, database_url)
    tables.heartbeats.create(opened.database.engine)
    jobs.metadata.create_all(opened.database.engine)
    engine.migrate(opened.database)
    yield opened
    opened.close()


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_worker(platform: Platform, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker process; returns once it executes."""
    running: list[subprocess.Popen[str]] = []

    def start(**environment: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.workflows.jobs", str(tmp_path / "cectrust.toml")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment(environment))
        running.append(process)
        assert process.stdout
        assert process.stdout.readline().startswith("ready")
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def _environment(more: dict[str, str]) -> dict[str, str]:
    return {"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", **more}
