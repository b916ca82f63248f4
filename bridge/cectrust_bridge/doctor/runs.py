"""Runs that may never end: each in a thread of its own, and none a second time while it is under way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Runs(Generic[Answer]):
    """By key, the one run under way. Whoever asks meanwhile gets its answer, so that askers cannot add threads."""

    def __init__(self) -> None:
        self._under_way: dict[Hashable, Future[Answer]] = {}
        self._lock = threading.Lock()

    def answer(self, key: Hashable, name: str, act: Callable[[], Answer]) -> Future[Answer]:
        """Of the run with this key, begun here if there is none. `act` raises nothing; `name` is the thread's."""
        with self._lock:
            if key in self._under_way:
                return self._under_way[key]
            future = self._under_way[key] = Future()
        future.set_running_or_notify_cancel()  # who tires of waiting does not end it for the others
        # A daemon thread: one that never ends ends with the process.
        threading.Thread(target=self._run, args=(key, future, act), name=name, daemon=True).start()
        return future

    def _run(self, key: Hashable, future: Future[Answer], act: Callable[[], Answer]) -> None:
        answer = act()
        with self._lock:
            del self._under_way[key]
        future.set_result(answer)
