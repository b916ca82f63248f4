"""Tokens are looked for as long as a page is there that wants to know, and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from cectrust_bridge.methods import METHODS, Method
from cectrust_bridge.service.bridge import Bridge
from cectrust_bridge.service.conversation import Conversation
from cectrust_bridge.transport.connection import Connection
from doctor_house import Computer
from driver import ORIGIN

CALL = '{"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {}}'


class ClosedTab:
    """A page's socket: a call, and before its answer the tab is closed."""

    async def __aiter__(self) -> AsyncIterator[str]:
        yield CALL
        await asyncio.sleep(0)

    async def send(self, _text: str) -> None: ...

    async def close(self, *_reason: object) -> None: ...


async def _list_for_ever(page: Conversation, _params: Mapping[str, Any]) -> dict[str, Any]:
    with page.watching():
        await asyncio.Event().wait()
    return {}


def test_a_tab_closed_during_a_list_leaves_nobody_looking_for_tokens(
    paired: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METHODS, "hello", Method("hello", frozenset(), _list_for_ever, beside=True))

    async def live() -> set[asyncio.Task[Any]]:
        bridge = Bridge(paired.profile, "terminal")
        server = paired.profile.book.current()[ORIGIN]
        await Connection(bridge, ClosedTab(), ORIGIN, server).serve()  # type: ignore[arg-type]
        left = asyncio.all_tasks() - {asyncio.current_task()}
        _, running = await asyncio.wait(left, timeout=1)
        bridge.stop()
        return running | (asyncio.all_tasks() - left - {asyncio.current_task()})

    assert asyncio.run(live()) == set()
