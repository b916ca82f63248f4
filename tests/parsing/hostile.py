"""Parsers that misbehave, for the tests of the workers that run them."""

from __future__ import annotations

import os
import socket
import subprocess
import time
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


def write_file(path: Path, count: int) -> int:
    return path.write_bytes(b"x" * count)


def talk(count: int) -> str:
    return "x" * count


def lie() -> int:
    return "not a number"  # type: ignore[return-value]


def unexpected() -> int:
    raise ZeroDivisionError
