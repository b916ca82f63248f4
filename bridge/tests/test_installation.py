"""A bridge notices that its program was replaced or removed, begins nothing new, and leaves only when idle."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cectrust_bridge.service.installation import Change, Installation

SOON = 0.01


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "cectrust-bridge"
    path.write_text("version 1")
    return path


def replace(program: Path) -> None:
    """As dpkg does: written beside, then renamed."""
    new = program.with_suffix(".dpkg-new")
    new.write_text("version 2")
    new.replace(program)


def test_nothing_is_watched_from_source() -> None:
    assert Installation.of_this_process().change() is None


def test_a_replaced_and_a_removed_program_are_told_apart(program: Path) -> None:
    installation = Installation(program)
    assert installation.change() is None
    replace(program)
    assert installation.change() is Change.REPLACED
    program.unlink()
    assert installation.change() is Change.REMOVED


def test_a_change_is_waited_out_while_somebody_signs(program: Path) -> None:
    asked: list[bool] = []

    def is_idle() -> bool:
        asked.append(len(asked) >= 3)
        return asked[-1]

    installation = Installation(program)
    replace(program)
    assert asyncio.run(installation.settled_change(is_idle, SOON)) is Change.REPLACED
    assert asked == [False, False, False, True]


def test_a_change_that_goes_on_is_not_acted_upon(program: Path) -> None:
    """Every look finds another file until the fourth; only what stood still once counts."""
    installation = Installation(program)
    looks: list[Change | None] = []
    look = installation.change

    def changing() -> Change | None:
        looks.append(look())
        if len(looks) < 4:
            replace(program)
        return looks[-1]

    installation.change = changing  # type: ignore[method-assign]
    replace(program)
    assert asyncio.run(installation.settled_change(lambda: True, SOON)) is Change.REPLACED
    assert len(looks) > 4


def test_a_service_is_stopped_by_a_change_and_says_so(program: Path) -> None:
    async def serve(installation: Installation) -> None:
        stop = asyncio.Event()
        watching = asyncio.create_task(installation.watch(stop.set, lambda: True))
        replace(program)
        await asyncio.wait_for(stop.wait(), 30)
        await watching

    installation = Installation(program)
    assert installation.ended_service is None
    asyncio.run(serve(installation))
    assert installation.ended_service is Change.REPLACED
