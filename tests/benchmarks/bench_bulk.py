"""200 documents under one request: the real bridge and SoftHSM2, beside the token alone and the hashing of the bytes.

From the person's yes to the last result on the page: digests, the PIN's way, log-in, signatures, keeping on disk (one
fsync for what is there), each result signed by the bridge and sent. Receiving and checking are apart. Memory is that of
all the bridge's processes together, renderers and workers included.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.row import Row

BRIDGE = Path(__file__).parents[2] / "bridge"
sys.path[:0] = [str(BRIDGE / "tests"), str(BRIDGE / "vectors")]

COUNT = 200
ROUNDS = 3
SIZES = {"30 KB": 30_000, "2.5 MB": 2_500_000}
KEYS = {"rsa": "01", "p256": "02"}


def run() -> list[Row]:
    """A row for each key and size, and what receiving and checking cost."""
    from bridge_house import KEYS as KINDS
    from bridge_house import House, SoftToken

    with tempfile.TemporaryDirectory(prefix="cectrust-bench-") as folder:
        token = SoftToken(Path(folder) / "token")
        token.initialise(token.label)
        for number, name in enumerate(KINDS, 1):
            token.add(name, number)
        house = House(Path(folder), token)
        house.token.environment.setdefault("LANG", "C.UTF-8")
        try:
            return [row for key in KEYS for size in SIZES for row in _rows(house, key, size)]
        finally:
            house.bridge.stop()


def _rows(house: Any, key: str, size: str) -> Iterator[Row]:
    pdf = _document(SIZES[size])
    with Memory(house.bridge.process.pid) as memory:
        rounds = [_round(house, key, pdf) for _ in range(ROUNDS)]
    received, checked, signed = (statistics.median(column) / COUNT for column in zip(*rounds, strict=True))
    limit = statistics.median(_raw(house, key) for _ in range(ROUNDS)) + _hashing(pdf)
    name = f"bulk {COUNT}: {key}"
    yield Row(f"{name}, signed, each", size, signed, limit, memory.peak)
    yield Row(f"{name}, received, each", size, received, _hashing(pdf))
    yield Row(f"{name}, checked and shown, each", size, checked)


def _round(house: Any, key: str, pdf: bytes) -> tuple[float, float, float]:
    """Milliseconds for all: receiving; checking and showing every page; from the yes to the last result."""
    from driver import document

    page = house.page()
    chosen = next(each for each in page.certificates() if each["key_type"] == ("ec" if key == "p256" else key))
    house.person.consent = None
    house.person.forget()
    jti = page.begin(chosen, [document(pdf, number) for number in range(COUNT)])
    marks = [time.perf_counter()]
    for _ in range(COUNT):
        page.send_bytes(pdf)
    page.call("env.check")
    marks.append(time.perf_counter())
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]", 120)
    marks.append(time.perf_counter())
    house.person.say("yes")
    report = page.answer(confirm, 120)
    marks.append(time.perf_counter())
    assert report["failure"] is None
    assert len(page.results) == COUNT
    page.call("sign.ack", jti=jti)
    page.close()
    house.person.consent = "yes"
    received, checked, signed = ((after - before) * 1000 for before, after in itertools.pairwise(marks))
    return received, checked, signed


def _raw(house: Any, key: str) -> float:
    from bridge_house import MODULE, PIN

    command = [sys.executable, "-m", "tests.benchmarks.raw_sign", MODULE, PIN, KEYS[key], str(COUNT)]
    done = subprocess.run(command, env=house.token.environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def _hashing(pdf: bytes) -> float:
    started = time.perf_counter()
    hashlib.sha256(pdf).digest()
    return (time.perf_counter() - started) * 1000


def _document(size: int) -> bytes:
    """A prepared one-page PDF of about this size: the rest is a comment before its first object."""
    from byterange_cases import fill, objects, serialise, signature

    numbered = list(enumerate(objects(signature()), 1))
    return bytes(fill(serialise(numbered, before=b"%PDF-1.7\n%" + b"x" * size + b"\n")))


class Memory:
    """The most that a process and its children held at once (MiB; what they share counts once), looked at often."""

    PAUSE = 0.05

    def __init__(self, pid: int) -> None:
        self.peak = 0.0
        self._pid, self._over = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(self.PAUSE):
            self.peak = max(self.peak, sum(map(_held, [self._pid, *_descendants(self._pid)])) / 1024)


def _descendants(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):  # it ended meanwhile
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, path.read_text().split()):
                yield child
                yield from _descendants(child)


def _held(pid: int) -> int:
    """Proportional set size in KiB."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/smaps_rollup").read_text().split("\nPss:")[1].split()[0])
    return 0
