"""Tells pages that tokens came or went. Looked for in the workers: many drivers have no slot events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from ..errors import BridgeError
from ..tokens.modules import Modules, Present


class Listener(Protocol):
    """A connected page."""

    def may_list(self) -> bool:
        """Has the person allowed this page's origin to see tokens?"""

    async def tokens_changed(self) -> None:
        """Tell the page."""


class Watch:
    """Looks every `seconds` while a page that has listed tokens is connected and nobody has the desk."""

    def __init__(self, modules: Modules, seconds: float, is_occupied: Callable[[], bool]) -> None:
        self._modules, self._seconds, self._is_occupied = modules, seconds, is_occupied
        self._shown: dict[Listener, Present] = {}
        self._task: asyncio.Task[None] | None = None

    def showed(self, page: Listener) -> None:
        """This page has just been told what is there; from now on tell it when that is no longer so."""
        self._shown[page] = self._modules.seen
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self, page: Listener) -> None:
        """The page is gone. The loop ends by itself: killed in a look it would take the worker with it."""
        self._shown.pop(page, None)

    async def _run(self) -> None:
        while self._shown:
            await asyncio.sleep(self._seconds)
            if self._shown and not self._is_occupied():
                with contextlib.suppress(BridgeError):
                    await self._modules.present()
                await self._tell(self._modules.seen)

    async def _tell(self, present: Present) -> None:
        for page, shown in list(self._shown.items()):
            if shown != present and page.may_list():
                self._shown[page] = present
                await page.tokens_changed()
