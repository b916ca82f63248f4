"""What one account can hold of a web process by having files parsed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cectrust.contracts.tables import contracts
from cectrust.platform import Platform
from cectrust.sdk.errors import TooManyRequests, Unavailable
from cectrust.sdk.testing import together
from cectrust.web.application import Application
from cectrust.web.turns import OF_ONE, Turns
from tests.conftest import DOCUMENT
from tests.web.conftest import Person
from tests.web.support import Browser

WHERE = ("/verify", "/contracts", "/contracts/0/document")


@pytest.fixture
def turns(app: Application) -> Turns:
    """Those of the application."""
    return app.extensions["cectrust_turns"]


@pytest.fixture
def taken(turns: Turns) -> Iterator[Callable[[str], Any]]:
    """Takes a turn for an account until the test ends."""
    with ExitStack() as held:
        yield lambda account_id: held.enter_context(turns.turn(account_id))


def send(browser: Browser, path: str) -> Any:
    with DOCUMENT.open("rb") as document:
        return browser.post(path, "/verify", {"document": (document, "契約書.pdf")})


def kept(platform: Platform) -> tuple[int, list[Path]]:
    with platform.reading() as work:
        rows = work.session.scalar(select(func.count()).select_from(contracts)) or 0
    store = platform.settings.data_dir / "plugins" / "file_store"
    return rows, [path for path in store.rglob("*") if path.is_file()]


@pytest.mark.parametrize("path", WHERE)
def test_who_has_two_files_parsed_is_refused_a_third_and_nothing_of_it_is_kept(
    platform: Platform, signed_in: Browser, user: Person, taken: Callable[[str], Any], path: str
) -> None:
    for _ in range(OF_ONE):
        taken(user.account_id)
    before = kept(platform)
    answer = send(signed_in, path)
    assert answer.status_code == 429
    assert "しばらくしてから" in answer.text
    assert "保存していません" in answer.text
    assert kept(platform) == before


@pytest.mark.parametrize("path", WHERE[:2])
def test_when_others_have_all_turns_it_says_so_soon(
    platform: Platform, signed_in: Browser, taken: Callable[[str], Any], path: str
) -> None:
    for other in ("a", "b", "c"):
        taken(other)
    before = kept(platform)
    answer = send(signed_in, path)
    assert answer.status_code == 503
    assert "いま混み合っています" in answer.text
    assert kept(platform) == before


def test_pages_without_a_file_need_no_turn(signed_in: Browser, taken: Callable[[str], Any]) -> None:
    for other in ("a", "b", "c"):
        taken(other)
    assert signed_in.get("/contracts").status_code == 200


def test_beside_others_a_file_is_still_judged(signed_in: Browser, user: Person, taken: Callable[[str], Any]) -> None:
    taken(user.account_id)
    taken("a")
    assert send(signed_in, "/verify").status_code == 200
    assert send(signed_in, "/verify").status_code == 200


def test_the_refusal_is_said_in_english_too(signed_in: Browser, user: Person, taken: Callable[[str], Any]) -> None:
    signed_in.post("/language", "/verify", {"language": "en", "next": "/verify"})
    for _ in range(OF_ONE):
        taken(user.account_id)
    assert "Nothing of what you sent was kept" in send(signed_in, "/verify").text


def test_a_turn_is_given_back_whatever_happens_and_to_who_waits() -> None:
    turns = Turns(1, 2)
    inside, done = threading.Barrier(2), threading.Event()

    def hold() -> None:
        with turns.turn("a"):
            inside.wait()
            done.wait()
            raise ValueError("the view failed")

    raised: list[BaseException] = []
    holder = threading.Thread(target=lambda: raised.extend(together(1, hold)))
    holder.start()
    inside.wait()
    waiter = threading.Thread(target=lambda: raised.extend(together(1, lambda: _once(turns))))
    waiter.start()
    done.set()
    holder.join()
    waiter.join()
    assert [type(each) for each in raised] == [ValueError]


def _once(turns: Turns) -> None:
    with turns.turn("b", patience=30):
        pass


def test_of_many_requests_at_once_an_account_gets_two() -> None:
    turns = Turns(8, 8)
    inside = threading.Barrier(8)

    def request() -> None:
        try:
            with turns.turn("a"):
                inside.wait()
        except TooManyRequests:
            inside.wait()
            raise

    refused = together(8, request)
    assert [type(each) for each in refused] == [TooManyRequests] * 6
    assert together(1, lambda: _once(turns)) == []


def test_who_would_take_the_last_thread_is_refused_at_once_however_patient(
    turns: Turns, taken: Callable[[str], Any]
) -> None:
    for other in ("a", "b", "c"):
        taken(other)
    began = time.monotonic()
    with pytest.raises(Unavailable) as refused, turns.turn("d", patience=20):
        pass
    assert time.monotonic() - began < 10
    assert "しばらくしてから" in refused.value.ja


def test_those_who_wait_count_as_those_who_run() -> None:
    turns = Turns(1, 2)
    done = threading.Event()

    def wait() -> None:
        with turns.turn("b", patience=60):
            done.wait()

    raised: list[BaseException] = []
    with turns.turn("a"):
        waiter = threading.Thread(target=lambda: raised.extend(together(1, wait)))
        waiter.start()
        while turns.admitted < 2:
            time.sleep(0.001)
        with pytest.raises(Unavailable), turns.turn("c", patience=60):
            pass
    done.set()
    waiter.join()
    assert (raised, turns.admitted) == ([], 0)


def test_who_waited_in_vain_leaves_his_place() -> None:
    turns = Turns(1, 2)
    with turns.turn("a"):
        for _ in range(OF_ONE + 1):
            with pytest.raises(Unavailable), turns.turn("b", patience=0.01):
                pass
    assert together(1, lambda: _once(turns)) == []
