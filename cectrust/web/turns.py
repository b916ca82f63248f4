"""Turns for requests whose files are parsed: each may hold its thread for a minute.

One account gets few at once, and all accounts together leave a thread to everybody else: whoever waits holds his
thread, too, and is counted with those whose turn it is. Counted per process.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

import flask

from cectrust.sdk.errors import TooManyRequests, Unavailable
from cectrust.web.application import Application
from cectrust.web.request import account

View = TypeVar("View", bound=Callable[..., Any])

OF_ONE = 2
"""Files that one account may have parsed at the same time, by one process."""
SIGNING_OF_ONE = 3
"""The signing page prepares as many contracts at a time (``static/sign-batch.js``), and asks again when it is busy."""
SIGNING_PATIENCE = 30.0
"""Seconds: those files were examined before, and a contract left out of a batch is to be signed by itself."""
PARSERS = 4
"""Workers of a process's ``ParserPool``."""
PATIENCE = 3.0
"""Seconds that a request waits for others to be finished, if there is a place to wait in."""
_EXTENSION = "cectrust_turns"


class Turns:
    """``at_once`` of all accounts together run, ``places`` run or wait."""

    def __init__(self, at_once: int, places: int) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._places = places
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    @property
    def admitted(self) -> int:
        """How many run or wait."""
        with self._lock:
            return self._taken.total()

    @contextmanager
    def turn(self, account_id: str, of_one: int = OF_ONE, patience: float = PATIENCE) -> Iterator[None]:
        """For one request.

        Raises:
            TooManyRequests: this account has ``of_one`` already.
            Unavailable: no place is left to wait in, or the others were not finished in time.
        """
        self._enter(account_id, of_one)
        try:
            if not self._free.acquire(timeout=patience):
                raise _busy()
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._leave(account_id)

    def _enter(self, account_id: str, of_one: int) -> None:
        with self._lock:
            if self._taken[account_id] >= of_one:
                ja, en = (
                    "この ID で送られた書類を、まだ処理しています。",
                    "Files sent under this ID are still being examined.",
                )
                raise TooManyRequests("too_many_at_once", *_sentences(ja, en))
            if self._taken.total() >= self._places:
                raise _busy()
            self._taken[account_id] += 1

    def _leave(self, account_id: str) -> None:
        with self._lock:
            self._taken[account_id] -= 1
            if not self._taken[account_id]:
                del self._taken[account_id]


def install(app: Application) -> None:
    """One thread is always left for what needs no parser, if there is more than one."""
    places = max(1, app.platform.settings.server.web_threads - 1)
    app.extensions[_EXTENSION] = Turns(min(PARSERS, places), places)


def in_turn(of_one: int = OF_ONE, patience: float = PATIENCE) -> Callable[[View], View]:
    """The view has a parser read a file: it runs when it is its turn, or is refused with 429 or 503."""

    def decorate(view: View) -> View:
        @wraps(view)
        def waiting(*args: Any, **kwargs: Any) -> Any:
            turns = cast(Turns, flask.current_app.extensions[_EXTENSION])
            with turns.turn(account().id, of_one, patience):
                return view(*args, **kwargs)

        return cast(View, waiting)

    return decorate


def _busy() -> Unavailable:
    return Unavailable("busy", *_sentences("いま混み合っています。", "We are busy right now."))


def _sentences(ja: str, en: str) -> tuple[str, str]:
    return (
        f"{ja}今回送られたものは保存していません。しばらくしてから、もう一度お試しください。",
        f"{en} Nothing of what you sent was kept. Try again in a moment.",
    )
