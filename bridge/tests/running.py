"""The real bridge as a process, and the person at its terminal."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from proc import children_of, words_of

INSTALLED = os.environ.get("TEST_BRIDGE")
"""Path of an installed bridge that the tests are to run instead of this source."""
STARTING, ENDING = 60.0, 20.0
"""Seconds; whoever needs longer hangs."""
BRIDGE = [INSTALLED] if INSTALLED else [sys.executable, "-m", "cectrust_bridge"]


class Person:
    """Reads the bridge's terminal and answers. `consent` None: says nothing at all."""

    PROMPTS = ("[yes/no] ", "last try: ")

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.consent: str | None = "yes"
        self.pin: str | None = ""
        self.last = "LAST"
        self.new_pin = ""
        self.transcript = ""
        self._answered = 0
        self._process = process
        self._seen = threading.Condition()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def _live(self) -> None:
        assert self._process.stdout is not None
        while octets := os.read(self._process.stdout.fileno(), 65536):
            with self._seen:
                self.transcript += octets.decode("utf-8", "replace")
                self._seen.notify_all()
                reply = self._reply(self.transcript[self._answered :])
            if reply is not None:
                self._answered = len(self.transcript)
                self.say(reply)

    def _reply(self, text: str) -> str | None:
        line = text.rsplit("\n", 1)[-1]
        if line.endswith("[yes/no] "):
            return self.consent
        if line.endswith("last try: "):
            return self.last
        if re.search(r"new PIN (again )?for .*: \Z", line):
            return self.new_pin
        return self.pin if re.search(r"PIN for .*: \Z", line) else None

    def say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode("utf-8", "surrogateescape") + b"\n")
        self._process.stdin.flush()

    def leave(self) -> None:
        """Close both pipes, after the process has ended."""
        self._thread.join(20)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def forget(self) -> None:
        with self._seen:
            self.transcript, self._answered = "", 0

    def wait_for(self, text: str, timeout: float = 20) -> None:
        """Until the terminal has shown `text`."""
        with self._seen:
            assert self._seen.wait_for(lambda: text in self.transcript, timeout), self.transcript


def free_port() -> int:
    """The usual three belong to whatever else runs on this computer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(holds: Callable[[], object]) -> None:
    """Until it holds."""
    deadline = time.monotonic() + STARTING
    while not holds():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def port_in(log: Path, process: subprocess.Popen[bytes], number: int = 1) -> int:
    """The port that the bridge names in its log when it starts for the `number`-th time."""
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline and process.poll() is None:
        starts = log.read_bytes().split(b" listening on 127.0.0.1:")[1:]
        if len(starts) >= number:
            return int(starts[number - 1].split()[0])
        time.sleep(0.02)
    raise AssertionError(log.read_text())


class RunningBridge:
    """The real bridge as a process of its own."""

    def __init__(
        self,
        profile: Path,
        environment: dict[str, str],
        *arguments: str,
        command: Sequence[str] = tuple(BRIDGE),
    ) -> None:
        """`arguments` of `run`; a terminal if there are none."""
        self.profile = profile
        self.log = profile / "stderr.log"
        chosen = ("--port", str(free_port()), *(arguments or ("--prompter", "terminal")))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "run", "--profile", str(profile), *chosen],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment,
            )  # fmt: skip
        self.person = Person(self.process)
        try:
            self.port = self.port_of_start(1)
        except AssertionError:
            self.crash()
            raise

    def port_of_start(self, number: int) -> int:
        """The port it listened on when it started for the `number`-th time: a replaced program starts itself again."""
        return port_in(self.log, self.process, number)

    def children(self, role: str) -> list[int]:
        """Process ids of the bridge's children that play `role`."""
        return [pid for pid in children_of(self.process.pid) if role in words_of(pid)]

    def wait_until_gone(self, *roles: str) -> None:
        """Until no child plays any of these roles."""
        deadline = time.monotonic() + 20
        while any(self.children(role) for role in roles):
            assert time.monotonic() < deadline, roles
            time.sleep(0.02)

    def stop(self) -> None:
        """subprocess.TimeoutExpired if it had to be killed."""
        self.process.terminate()
        try:
            self.process.wait(ENDING)
        finally:
            self.crash()

    def crash(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(ENDING)
        self.person.leave()
