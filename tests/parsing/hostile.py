"""Parsers that misbehave, for the tests of the workers that run them."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from cectrust.sdk.errors import InputRefused


def double(number: int) -> int:
    return number * 2


def process_id() -> int:
    return os.getpid()


def refuse(word: str) -> str:
    raise InputRefused("bad_word", f"{word}は使えません。", f"{word} is refused.", "detail")


def connect(port: int) -> str:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return "connected"
    except OSError as error:
        return type(error).__name__


def start_program() -> str:
    try:
        return subprocess.run(["/bin/true"], check=True).args[0]
    except OSError as error:
        return type(error).__name__


def spin() -> int:
    while True:
        pass


def sleep_long() -> int:
    time.sleep(3600)
    return 0


def eat_memory(count: int) -> int:
    return len(bytearray(count))


def crash() -> int:
    os.abort()


def write_file(target: Path, count: int) -> int:
    return target.write_bytes(b"x" * count)


def unlink(path: Path, victim: str) -> str:
    return _outcome(lambda: os.unlink(victim))


def rename(path: Path, victim: str) -> str:
    return _outcome(lambda: os.rename(victim, f"{victim}.moved"))


def overwrite(target: Path, victim: str) -> str:
    return _outcome(lambda: Path(victim).write_bytes(b""))


def read_another(path: Path, victim: str) -> str:
    return _outcome(lambda: Path(victim).read_bytes())


def kill(path: Path, victim: str) -> str:
    return _outcome(lambda: os.kill(os.getppid(), 0))


def fork(path: Path, victim: str) -> str:
    return _outcome(lambda: os._exit(0) if os.fork() == 0 else None)


def disarm(path: Path, victim: str) -> str:
    return _outcome(lambda: signal.setitimer(signal.ITIMER_REAL, 0))


def raise_limit(path: Path, victim: str) -> str:
    return _outcome(lambda: resource.setrlimit(resource.RLIMIT_CPU, (1, 1)))


def read_given(path: Path) -> bytes:
    return path.read_bytes()


def _outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except (OSError, ValueError) as error:
        return type(error).__name__
    return "done"


def talk(count: int) -> str:
    return "x" * count


def lie() -> int:
    return "not a number"  # type: ignore[return-value]


def unexpected() -> int:
    raise ZeroDivisionError
