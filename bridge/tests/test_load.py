"""A crowd of hostile connections, and one person who signs a contract meanwhile."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bridge_house import House
from cectrust_bridge.transport.waiting import MAX_WAITING
from driver import Page
from figures import note
from test_messages import connect_within

HOSTILE = Path(__file__).with_name("hostile.py")
LONGEST_WAIT = 30
"""Seconds; the crowd itself takes a whole core of a small machine."""


@contextlib.contextmanager
def crowd(port: int, connections: int, seconds: float) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(HOSTILE), str(port), str(connections), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        running.stdout.readline()
        yield running
        running.wait(60)


def resident(pid: int) -> float:
    """The most megabytes that ever were in memory."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def signed(house: House, pdf: bytes) -> float:
    """Seconds from a new connection to the signed contract: connect, hello, list, send, ask, sign."""
    began = time.monotonic()
    page: Page = connect_within(house, LONGEST_WAIT)
    report: dict[str, Any] = page.sign(page.certificates()[0], [pdf])
    page.call("sign.ack", jti=report["jti"])
    page.close()
    assert report["failure"] is None
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("connections", "seconds"), [(100, 3), pytest.param(1000, 60, marks=pytest.mark.long)], ids=["a crowd", "a siege"]
)
def test_a_contract_is_signed_amid_hostile_connections(
    house: House, pdf: bytes, connections: int, seconds: float
) -> None:
    front = house.bridge.process.pid
    quiet = signed(house, pdf)
    before, latencies, most = resident(front), [], 0
    with crowd(house.bridge.port, connections, seconds) as hostile:
        while hostile.poll() is None:
            latencies.append(signed(house, pdf))
            most = max(most, descriptors(front))
        assert hostile.stdout is not None
        seen = json.loads(hostile.stdout.readline())
    figures = {
        "signatures": len(latencies), "quiet s": round(quiet, 2), "median s": round(statistics.median(latencies), 2),
        "worst s": round(max(latencies), 2), "MB more": round(resident(front) - before, 1), "descriptors": most, **seen,
    }  # fmt: skip
    note("load", f"{connections} connections, {seconds:g} s", figures)
    assert sum(seen[way] for way in ("silent", "slow", "half", "foreign", "talkative")) >= connections
    assert {answer for answer in seen if "answered" in answer} <= {
        *(f"{way} answered {status}" for way in ("foreign", "talkative") for status in ("403", "")),
        *(f"squatting answered {status}" for status in ("101", "503", "")),
    }
    assert seen["squatting answered 101"] >= 3, "the places beside the owner's were taken"
    # Half of a signature's time is the token, the renderer and the person, which a busy computer slows down as well.
    assert max(latencies) < LONGEST_WAIT, figures
    assert resident(front) - before < 40, figures
    assert most < MAX_WAITING + 200, figures
    assert "Traceback" not in house.bridge.log.read_text()
    assert signed(house, pdf) < LONGEST_WAIT
