"""One parent for the processes of a single machine: starts them again when they die, ends them together."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from cectrust.settings import Settings

log = structlog.get_logger(__name__)
POLL_SECONDS = 0.1
STOP_SECONDS = 20.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
HEALTHY_SECONDS = 60.0
"""A process that ran this long is started again without a growing pause."""
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # loaded before any fork, because loading is not safe after one


@dataclass(frozen=True)
class Program:
    """A child process; ``ready`` says whether it serves."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    ready: Callable[[], bool] = lambda: True
    log: Path | None = None
    """File that its output is appended to; without one it goes where the supervisor's goes."""


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    wait: float = FIRST_WAIT
    again_at: float = field(default=0.0)


def programs(settings: Settings, path: Path) -> list[Program]:
    """Keys role, worker and web of these settings, in the order in which they start."""
    environment = os.environ | {"CECTRUST_SETTINGS": str(path)}
    own = [sys.executable, "-m", "cectrust"]
    server = settings.server
    web = [
        *(sys.executable, "-m", "gunicorn", "cectrust.wsgi:application()"),
        *("--bind", f"{server.host}:{server.port}", "--workers", str(server.web_processes)),
        *("--worker-class", "gthread", "--threads", str(server.web_threads), "--timeout", "120"),
        *("--graceful-timeout", "15", "--log-level", "warning"),
    ]
    socket_of_keys = settings.keys_socket
    return [
        Program("keys", [*own, "keys", "serve"], environment, lambda: _listens(socket.AF_UNIX, str(socket_of_keys))),
        Program("work", [*own, "work"], environment),
        Program("web", web, environment, lambda: _listens(socket.AF_INET, (server.host, server.port))),
    ]


class Supervisor:
    """Runs programs until stopped."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = programs
        self._stopped = False

    def stop(self) -> None:
        """Ask for the end. Safe in a signal handler, because it takes no lock: the handler would wait for its own."""
        self._stopped = True

    def run(self, when_ready: Callable[[], None]) -> int:
        """Start all, call ``when_ready`` once when all serve, keep them running; 0 after a clean end."""
        children = [_start(program) for program in self._programs]
        announced = False
        while not self._stopped:
            for child in children:
                _restart_if_dead(child)
            if not announced and all(child.program.ready() for child in children):
                announced = True
                when_ready()
            time.sleep(POLL_SECONDS)
        return _end(children)


def _start(program: Program) -> _Child:
    # A group of its own: Ctrl-C reaches only the supervisor, which ends the children in order.
    with ExitStack() as opened:
        output = opened.enter_context(program.log.open("ab")) if program.log else None
        process = subprocess.Popen(
            program.command,
            env=program.environment,
            process_group=0,
            preexec_fn=_end_with_parent,
            stdout=output,
            stderr=output,
        )
    log.info("process.started", name=program.name, pid=process.pid)
    return _Child(program, process, time.monotonic())


def _end_with_parent() -> None:
    """Ask the kernel to end the child with the supervisor, kill -9 included: orphans would hold socket and lock."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _restart_if_dead(child: _Child) -> None:
    status, now = child.process.poll(), time.monotonic()
    if status is None:
        return
    if not child.again_at:
        child.wait = FIRST_WAIT if now - child.started > HEALTHY_SECONDS else child.wait
        child.again_at = now + child.wait
        log.error("process.died", name=child.program.name, status=status, again_in=child.wait, alarm=True)
    if now >= child.again_at:
        new = _start(child.program)
        child.process, child.started = new.process, new.started
        child.wait, child.again_at = min(child.wait * 2, LONGEST_WAIT), 0.0


def _end(children: Sequence[_Child]) -> int:
    """Web first, so that nothing new comes in; keys last, because the worker may still need it."""
    clean = True
    for child in reversed(children):
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
        clean = _ended(child.process) and clean
    return 0 if clean else 1


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def _listens(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as probe:
        probe.settimeout(1)
        return probe.connect_ex(address) == 0
