"""The parent's side of a window."""

from __future__ import annotations

import asyncio
import threading

import pytest
from cectrust_bridge.prompters import prompter


class Slow:
    """A window's process that does not end before the rest of the bridge has gone on."""

    def __init__(self, *_: str, **__: bool) -> None:
        self.went_on = threading.Event()
        self.ended_after_that = False

    def close(self) -> None:
        self.ended_after_that = self.went_on.wait(5)


def test_a_window_that_is_slow_to_end_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompter, "Child", Slow)

    async def story() -> Slow:
        window = prompter.Prompter("window", 5, "")
        child = window._child
        assert isinstance(child, Slow)
        asyncio.get_running_loop().call_soon(child.went_on.set)
        await window.close(at_once=False)
        return child

    assert asyncio.run(story()).ended_after_that
