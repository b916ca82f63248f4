"""Kept results outlive a date that jumps, and do not outlive their day."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from cectrust_bridge.profile import kept
from cectrust_bridge.profile.kept import LIFE, Asked, KeptResults, RequestName

NAME, OTHER = RequestName("i", "o", "j" * 16), RequestName("i", "o", "k" * 16)
ASKED = Asked(("doc-1",), "ab", "ecdsa_sha256")
HOUR, DAY = 3600.0, 86400.0


def keep(results: KeptResults, name: RequestName = NAME) -> None:
    results.begin(name, ASKED).add([{"document": {"id": "doc-1"}}])


def date_jumps(folder: Path, seconds: float) -> None:
    """What a jump of this computer's date does to the age of files: they seem that much older."""
    for path in folder.iterdir():
        os.utime(path, (time.time() - seconds,) * 2)


@pytest.mark.parametrize("days", [-400, 1.1, 2, 400])
def test_a_date_that_jumps_takes_no_signature(tmp_path: Path, days: float) -> None:
    results = KeptResults(tmp_path)
    keep(results)
    date_jumps(tmp_path, days * DAY)
    results.begin(OTHER, ASKED)
    assert results.find(NAME) is not None
    started_anew = KeptResults(tmp_path)
    assert started_anew.find(NAME) is not None


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_after_its_day_by_the_bridges_own_clock_a_result_is_gone(tmp_path: Path) -> None:
    clock = Clock()
    results = KeptResults(tmp_path, clock)
    keep(results)
    clock.now += LIFE
    results.forget_old()
    assert results.find(NAME) is not None
    clock.now += 1
    assert results.find(NAME) is None
    results.forget_old()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("age", "left"), [(-5 * HOUR, 24 * HOUR), (20 * HOUR, 4 * HOUR), (400 * DAY, HOUR)])
def test_what_an_earlier_run_left_stays_for_the_rest_of_its_day_and_at_least_an_hour(
    tmp_path: Path, age: float, left: float
) -> None:
    keep(KeptResults(tmp_path))
    date_jumps(tmp_path, age)
    clock = Clock()
    results = KeptResults(tmp_path, clock)
    clock.now += left - 60
    assert results.find(NAME) is not None
    clock.now += 120
    assert results.find(NAME) is None


def test_nothing_is_remembered_of_results_that_are_gone(tmp_path: Path) -> None:
    results = KeptResults(tmp_path)
    for number in range(50):
        keep(results, RequestName("i", "o", f"{number:016}"))
    for path in tmp_path.iterdir():
        path.unlink()
    results.forget_old()
    assert results._born == {}


def test_of_results_that_a_full_disk_refused_none_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go to disk together; those whose lines were whole were told to nobody and are unsigned in the report."""
    results = KeptResults(tmp_path)
    keeping = results.begin(NAME, Asked(("doc-1", "doc-2", "doc-3"), "ab", "ecdsa_sha256"))
    keeping.add([{"document": {"id": "doc-1"}}])
    [path] = tmp_path.iterdir()
    most = path.stat().st_size + 60
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", lambda descriptor, octets: filling(descriptor, octets, most))
        with pytest.raises(OSError, match="No space"):
            keeping.add([{"document": {"id": "doc-2"}}, {"document": {"id": "doc-3"}}])
    keeping.end("device_error")
    found = results.find(NAME)
    assert found is not None
    assert ([each["document"]["id"] for each in found.results], found.failure) == (["doc-1"], "device_error")


def filling(descriptor: int, octets: bytes, most: int) -> int:
    """Write as a disk does that has room for a file of `most` octets."""
    room = most - os.fstat(descriptor).st_size
    if room <= 0:
        raise OSError(28, "No space left on device")
    return os.pwrite(descriptor, octets[:room], os.fstat(descriptor).st_size)


def test_results_are_forgotten_in_time_though_nobody_signs_again(tmp_path: Path) -> None:
    clock = Clock()
    results = KeptResults(tmp_path, clock)
    keep(results)

    async def story() -> None:
        forgetting = asyncio.create_task(results.forget_in_time(0))
        clock.now += LIFE + 1
        async with asyncio.timeout(20):
            while list(tmp_path.iterdir()):
                await asyncio.sleep(0)
        forgetting.cancel()

    asyncio.run(story())


def test_a_folder_that_cannot_be_read_does_not_end_the_forgetting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, tried = KeptResults(tmp_path), asyncio.Event()

    def failing() -> None:
        if looks:
            tried.set()
        looks.append(1)
        raise OSError(5, "Input/output error")

    async def story() -> None:
        forgetting = asyncio.create_task(results.forget_in_time(0))
        await asyncio.wait_for(tried.wait(), 20)
        forgetting.cancel()

    looks: list[int] = []
    monkeypatch.setattr(results, "forget_old", failing)
    asyncio.run(story())
    assert kept.SWEEP_SECONDS < LIFE
