"""A small memory of answers, bounded in bytes and in age."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from cectrust.sdk.protocols import Clock, Instant


class AnswerCache:
    """Answers by question; the least recently stored go first. Thread-safe."""

    def __init__(self, clock: Clock, *, seconds: int, limit: int) -> None:
        """``seconds``: how long an answer counts. ``limit``: bytes of all answers together."""
        self._clock, self._age, self._limit = clock, seconds * 1_000_000, limit
        self._answers: OrderedDict[Hashable, tuple[Instant, bytes]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, question: Hashable) -> bytes | None:
        """The answer, ``None`` if there is none or it is too old."""
        with self._lock:
            at, answer = self._answers.get(question, (Instant(0), b""))
        return answer if answer and 0 <= self._clock.now() - at < self._age else None

    def put(self, question: Hashable, answer: bytes) -> None:
        with self._lock:
            self._forget(question)
            self._answers[question] = (self._clock.now(), answer)
            self._bytes += len(answer)
            while self._bytes > self._limit:
                self._forget(next(iter(self._answers)))

    def _forget(self, question: Hashable) -> None:
        _, answer = self._answers.pop(question, (Instant(0), b""))
        self._bytes -= len(answer)
