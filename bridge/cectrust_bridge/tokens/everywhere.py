"""Asks all key stores at once: each has its own process, so that one that hangs or errs costs the others nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..errors import BridgeError, DeviceError, NoModule
from .store import KeyStore

Found = TypeVar("Found")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answers(Generic[Found]):
    """What was found, in the order of the stores; the errors of those that failed; names of those that are `late`."""

    found: list[Found]
    failures: list[BridgeError]
    late: frozenset[str]

    def or_error(self, asked: int) -> list[Found]:
        """What was found. If all `asked` stores failed, or a late one may have the only token: an error."""
        if self.found or (len(self.failures) < asked and not self.late):
            return self.found
        raise next((each for each in self.failures if not isinstance(each, NoModule)), NoModule())


class Everywhere:
    """Remembers who is late: until such a store has answered, nobody waits for it again."""

    def __init__(self, patience: float) -> None:
        """`patience`: seconds that a list waits for one store when another has answered."""
        self._patience = patience
        self._late: dict[KeyStore, asyncio.Future[object]] = {}

    async def look(
        self, stores: Sequence[KeyStore], look: Callable[[KeyStore], Awaitable[list[Found]]]
    ) -> Answers[Found]:
        """What every store answers. Cancelled, it takes the workers it waits for with it."""
        asked = {store: asyncio.ensure_future(look(store)) for store in stores if store not in self._late}
        try:
            await _wait(list(asked.values()), self._patience)
        except asyncio.CancelledError:
            for task in asked.values():
                task.cancel()
            await asyncio.gather(*asked.values(), return_exceptions=True)
            raise
        for store, task in asked.items():
            if not task.done():
                self._leave_behind(store, task)
        return _answers(stores, {store: task for store, task in asked.items() if task.done()})

    def is_someone_late(self) -> bool:
        """May there be more than what was found?"""
        return bool(self._late)

    def stop(self) -> None:
        """Nobody wants to know any more."""
        for task in self._late.values():
            task.cancel()

    def _leave_behind(self, store: KeyStore, task: asyncio.Future[list[Found]]) -> None:
        """It goes on by itself: killed, it would be as slow the next time."""
        log.warning("%s has not answered in %.0f s; the list goes on without it", store.name, self._patience)
        self._late[store] = task  # type: ignore[assignment]  # futures are invariant, and nobody asks this one
        task.add_done_callback(lambda ended: self._came(store, ended))

    def _came(self, store: KeyStore, ended: asyncio.Future[list[Found]]) -> None:
        if self._late.get(store) is ended:
            del self._late[store]
        if not ended.cancelled() and (error := ended.exception()) is not None:
            log.warning("%s: %s", store.name, type(error).__name__)


async def _wait(tasks: Sequence[asyncio.Future[list[Found]]], patience: float) -> None:
    """For all of them, but after `patience` only until one has answered: the rest have their own limits."""
    if tasks:
        _, pending = await asyncio.wait(tasks, timeout=patience)
        while pending and not any(task.done() and task.exception() is None for task in tasks):
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)


def _answers(stores: Sequence[KeyStore], answered: Mapping[KeyStore, asyncio.Future[list[Found]]]) -> Answers[Found]:
    found: list[Found] = []
    failures: list[BridgeError] = []
    for store in stores:
        if store not in answered:
            failures.append(DeviceError())
            continue
        try:
            found += answered[store].result()
        except BridgeError as error:
            failures.append(error)
    return Answers(found, failures, frozenset(store.name for store in stores if store not in answered))
