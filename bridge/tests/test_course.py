"""How one signing ends: what was signed is said to be signed, whoever cancels and whatever the disk does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cectrust_bridge.errors import NoSuchRequest
from cectrust_bridge.methods import signing as methods
from cectrust_bridge.profile.kept import Keeping
from one_signing import OneSigning

OUTCOME = ("signed", "unsigned", "failure")


def outcome(report: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(report[name] for name in OUTCOME)


def test_a_cancel_after_the_last_signature_is_too_late_and_takes_nothing_back(tmp_path: Path) -> None:
    refused: list[type[BaseException]] = []

    async def cancel(result: dict[str, Any]) -> None:
        """The page that is just being told the last result."""
        if result["index"] == 1:
            page: Any = SimpleNamespace(signing=one.signing)
            with pytest.raises(NoSuchRequest) as error:
                await methods.cancel(page, {"jti": result["jti"]})
            refused.append(error.type)

    one = OneSigning(tmp_path, 2, cancel)
    assert outcome(asyncio.run(one.confirmed())) == (["doc-1", "doc-2"], [], None)
    assert (refused, one.person.told) == ([NoSuchRequest], ["signed 2"])
    kept = one.kept.find(one.signing.name)
    assert kept is not None
    assert (len(kept.results), kept.failure) == (2, None)


def test_a_cancel_while_the_last_signature_arrives_leaves_a_report_that_agrees_with_itself(tmp_path: Path) -> None:
    one = OneSigning(tmp_path, 2)

    async def cancel(number: int) -> None:
        if number == 2:
            one.signing.cancel()

    one.tokens.before_signature = cancel
    assert outcome(asyncio.run(one.confirmed())) == (["doc-1", "doc-2"], [], None)


def test_a_disk_that_takes_no_more_leaves_an_exact_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    async def fill(_: dict[str, Any]) -> None:
        monkeypatch.setattr(Keeping, "_write", full)
        told.set()

    async def wait(number: int) -> None:
        if number == 2:
            await told.wait()

    told = asyncio.Event()
    one = OneSigning(tmp_path, 3, fill)
    one.tokens.before_signature = wait
    assert outcome(asyncio.run(one.confirmed())) == (["doc-1"], ["doc-2", "doc-3"], "device_error")
    assert one.person.told == ["signed 1 of 3, device_error"]
