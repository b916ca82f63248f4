"""A page may ask for an examination as often as it likes: nothing else of it waits, and nothing piles up."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from cectrust_bridge.doctor import registry
from cectrust_bridge.doctor.finding import Finding, found
from cectrust_bridge.doctor.registry import Check
from cectrust_bridge.doctor.surroundings import Surroundings
from cectrust_bridge.transport.connection import Connection
from doctor_house import Computer
from driver import ORIGIN


class Hanging:
    """A check that ends when the test says so."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.ended = 0, threading.Event(), threading.Event()

    def look(self, _: Surroundings) -> list[Finding]:
        self.begun += 1
        self.go_on.wait(60)
        self.ended.set()
        return [found("proxy.direct")]


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    """The only check that pages get, and it is late at once."""
    check = Hanging()
    monkeypatch.setattr(registry, "CHECKS", (Check("hanging", check.look, 0, for_pages=True),))
    yield check
    check.go_on.set()


def asked(pc: Computer) -> list[str]:
    return [finding.code for finding in asyncio.run(registry.for_page(pc.around))]


def test_a_check_that_hangs_is_begun_once_however_often_pages_ask(pc: Computer, hanging: Hanging) -> None:
    assert [asked(pc) for _ in range(5)] == [["check.late"]] * 5
    assert hanging.begun == 1
    hanging.go_on.set()
    assert hanging.ended.wait(60)
    while asked(pc) == ["check.late"]:
        """Its thread is about to answer."""
    assert hanging.begun > 1


class Socket:
    """A page that asks for an examination, cancels, and leaves once it has one answer."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self._answered = asyncio.Event()

    async def send(self, text: str) -> None:
        self.sent.append(json.loads(text))
        self._answered.set()

    async def __aiter__(self) -> AsyncIterator[str]:
        calls: list[tuple[str, dict[str, str]]] = [("env.check", {}), ("sign.cancel", {"jti": "j" * 16})]
        for number, (method, params) in enumerate(calls, 1):
            yield json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        await self._answered.wait()


def test_a_cancel_does_not_wait_for_an_examination(
    paired: Computer, monkeypatch: pytest.MonkeyPatch, hanging: Hanging
) -> None:
    monkeypatch.setattr(registry, "CHECKS", (Check("hanging", hanging.look, 2, for_pages=True),))
    bridge: Any = SimpleNamespace(
        page=contextlib.nullcontext, profile=paired.profile, watch=SimpleNamespace(leave=lambda _: None)
    )

    async def story() -> list[dict[str, Any]]:
        socket: Any = Socket()
        connection = Connection(bridge, socket, ORIGIN, paired.profile.pairings()[ORIGIN])
        connection._page.greet()
        await connection.serve()
        return list(socket.sent)

    [first] = asyncio.run(story())
    assert (first["id"], first["error"]["message"]) == (2, "no_such_request")
