"""A person at the bridge's terminal: reads what it shows, answers its questions, types the PIN."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cectrust.supervisor import Program

QUESTION = re.compile(r"(allow\? \[yes/no\] |sign\? \[yes/no\] |PIN for [^\n]*: )$")


class BridgeTerminal:
    """Drives one bridge through its terminal prompter (bridge/PROTOCOL.md, 9), as a person would."""

    def __init__(self, terminal: int, pin: str, program: str) -> None:
        self._terminal = terminal
        self._pin = pin
        self.program = program
        """The file of the program that runs here, as the system knows it."""
        self.transcript = ""
        self.answer_signing = "yes"
        """What the person says when asked whether to sign."""
        self._thread = threading.Thread(target=self._attend, daemon=True)
        self._thread.start()

    @contextmanager
    def mistyping(self, pin: str) -> Iterator[None]:
        """The person types another PIN meanwhile."""
        right, self._pin = self._pin, pin
        try:
            yield
        finally:
            self._pin = right

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Meanwhile the person says no to what shall be signed."""
        self.answer_signing = "no"
        try:
            yield
        finally:
            self.answer_signing = "yes"

    def _attend(self) -> None:
        """Until the bridge closes its end."""
        line = ""
        with suppress(OSError):
            while shown := os.read(self._terminal, 65536):
                text = shown.decode("utf-8", "replace")
                self.transcript += text
                line = (line + text).rsplit("\n", 1)[-1]
                if asked := QUESTION.search(line):
                    os.write(self._terminal, self._answer(asked.group(1)).encode() + b"\n")
                    line = ""

    def _answer(self, question: str) -> str:
        if question.startswith("PIN"):
            return self._pin
        return self.answer_signing if question.startswith("sign") else "yes"


@contextmanager
def attended(program: Program, pin: str) -> Iterator[BridgeTerminal]:
    """Start a bridge on a terminal of its own, with somebody sitting at it."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    with subprocess.Popen(
        program.command, env=program.environment, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            os.close(theirs)
            assert process.stderr is not None
            started = process.stderr.readline()
            assert "listening" in started, started
            log = threading.Thread(target=lambda: [None for _ in process.stderr or ()], daemon=True)
            log.start()
            yield BridgeTerminal(ours, pin, os.readlink(f"/proc/{process.pid}/exe"))
        finally:
            process.terminate()
            process.wait(20)
            os.close(ours)
