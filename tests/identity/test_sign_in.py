"""Sessions: opened with the right password, ended by time and by every change of the password."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from cectrust.database import Database
from cectrust.identity import service, sign_in
from cectrust.identity import sessions as identity_sessions
from cectrust.identity.model import LONGEST_WAIT, OpenedAccount, SignedIn, SignInRefused, wait_after
from cectrust.identity.tables import accounts, sessions, sign_in_failures
from cectrust.sdk.errors import Forbidden, InputRefused
from cectrust.sdk.protocols import Actor, ActorKind
from cectrust.sdk.testing import together
from tests.conftest import ChosenClock
from tests.support.works import work_on

NEW = "あたらしい合い言葉 2026 冬"


def enter(
    database: Database, clock: ChosenClock, password: str, login_id: str = "yamada-01"
) -> SignedIn | SignInRefused:
    with work_on(database, clock) as work:
        return sign_in.sign_in(work, login_id, password)


def token(database: Database, clock: ChosenClock, password: str) -> str:
    answer = enter(database, clock, password)
    assert isinstance(answer, SignedIn)
    return answer.token


def runs(database: Database, clock: ChosenClock, cookie: str) -> bool:
    with work_on(database, clock) as work:
        found = identity_sessions.account_of_session(work, cookie)
        if found:
            identity_sessions.seen(work, found)
        return found is not None


def test_the_right_password_opens_a_session_whose_token_is_stored_hashed(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    cookie = token(database, clock, opened.initial_password)
    assert runs(database, clock, cookie)
    with work_on(database, clock) as work:
        assert cookie not in work.session.scalars(select(sessions.c.token_hash)).all()
        assert not identity_sessions.account_of_session(work, cookie + "x")


def test_two_sign_ins_get_two_tokens(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    assert token(database, clock, opened.initial_password) != token(database, clock, opened.initial_password)


def test_an_unknown_id_a_wrong_password_and_a_closed_account_get_the_same_answer(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    wrong = enter(database, clock, "wrong")
    unknown = enter(database, clock, "wrong", "nobody")
    with work_on(database, clock) as work:
        work.session.execute(update(accounts).values(active=False))
    assert wrong == unknown == enter(database, clock, opened.initial_password)


def test_a_session_ends_after_thirty_idle_minutes(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    cookie = token(database, clock, opened.initial_password)
    clock.advance(seconds=30 * 60 - 1)
    assert runs(database, clock, cookie)
    clock.advance(seconds=30 * 60)
    assert not runs(database, clock, cookie)


def test_a_busy_session_ends_after_twelve_hours(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    cookie = token(database, clock, opened.initial_password)
    for _ in range(25):
        clock.advance(seconds=1700)
        assert runs(database, clock, cookie)
    clock.advance(seconds=700)
    assert not runs(database, clock, cookie)


def test_changing_the_password_ends_every_session_and_opens_one(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    here, elsewhere = (token(database, clock, opened.initial_password) for _ in range(2))
    with work_on(database, clock) as work:
        fresh = sign_in.change_password(opened.account.actor, work, opened.initial_password, NEW)
    assert not fresh.account.must_change_password
    assert [runs(database, clock, cookie) for cookie in (here, elsewhere, fresh.token)] == [False, False, True]
    assert isinstance(enter(database, clock, opened.initial_password), SignInRefused)
    assert isinstance(enter(database, clock, NEW), SignedIn)


@pytest.mark.parametrize(
    ("new", "code"),
    [("short", "password_length"), ("x" * 257, "password_length"), ("my-YAMADA-01-pass", "password_contains_id")],
)
def test_a_weak_new_password_is_refused(
    database: Database, clock: ChosenClock, opened: OpenedAccount, new: str, code: str
) -> None:
    with work_on(database, clock) as work, pytest.raises(InputRefused) as refusal:
        sign_in.change_password(opened.account.actor, work, opened.initial_password, new)
    assert refusal.value.code == code


def change(database: Database, clock: ChosenClock, opened: OpenedAccount, current: str) -> SignedIn | SignInRefused:
    with work_on(database, clock) as work:
        return sign_in.change_password(opened.account.actor, work, current, NEW)


def counted(database: Database) -> int:
    """Failures in a row, of whatever name."""
    with database.reading() as session:
        return session.scalar(select(func.sum(sign_in_failures.c.failures))) or 0


def test_the_current_password_may_not_stay(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    current = opened.initial_password
    with work_on(database, clock) as work, pytest.raises(InputRefused) as refusal:
        sign_in.change_password(opened.account.actor, work, current, current)
    assert refusal.value.code == "password_same"


def test_guessing_the_current_password_counts_as_at_the_log_in_and_waits(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    answers = [change(database, clock, opened, "wrong") for _ in range(5)]
    codes = [answer.code for answer in answers if isinstance(answer, SignInRefused)]
    assert codes == ["current_password_wrong"] * 4 + ["sign_in_waits"]
    assert isinstance(change(database, clock, opened, opened.initial_password), SignInRefused)
    assert isinstance(enter(database, clock, opened.initial_password), SignInRefused)
    clock.advance(seconds=30)
    assert isinstance(change(database, clock, opened, opened.initial_password), SignedIn)
    assert counted(database) == 0


@pytest.mark.parametrize("guess", [change, enter])
def test_guesses_at_the_same_time_wait_as_if_one_came_after_the_other(
    database: Database, clock: ChosenClock, opened: OpenedAccount, guess: Callable[..., SignedIn | SignInRefused]
) -> None:
    codes: list[str] = []

    def once() -> None:
        answer = change(database, clock, opened, "wrong") if guess is change else enter(database, clock, "wrong")
        codes.append(answer.code if isinstance(answer, SignInRefused) else "signed_in")

    assert together(8, once) == []
    assert (len(codes), codes.count("sign_in_waits"), counted(database)) == (8, 4, 5)


def test_failures_counted_at_the_same_time_are_all_there(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    def count() -> None:
        with work_on(database, clock) as work:
            sign_in.count_failure(work, "yamada-01", opened.account, sign_in.WRONG)

    assert together(8, count) == []
    assert counted(database) == 8


def test_a_plugin_has_no_password_to_change(database: Database, clock: ChosenClock) -> None:
    with work_on(database, clock) as work, pytest.raises(Forbidden):
        sign_in.change_password(Actor(ActorKind.PLUGIN, "p"), work, "a", NEW)


def test_after_five_wrong_passwords_the_account_waits_even_for_the_right_one(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    codes = [answer.code for _ in range(6) if isinstance(answer := enter(database, clock, "wrong"), SignInRefused)]
    assert codes == ["sign_in_wrong"] * 4 + ["sign_in_waits"] * 2
    assert isinstance(enter(database, clock, opened.initial_password), SignInRefused)
    clock.advance(seconds=30)
    assert isinstance(enter(database, clock, opened.initial_password), SignedIn)


def test_a_right_password_forgets_the_failures(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    for _ in range(3):
        for _ in range(4):
            enter(database, clock, "wrong")
        assert isinstance(enter(database, clock, opened.initial_password), SignedIn)


@given(st.integers(0, 10_000))
def test_waiting_grows_and_has_an_end(failures: int) -> None:
    assert 0 <= wait_after(failures) <= wait_after(failures + 1) <= LONGEST_WAIT


def test_signing_out_ends_this_session_only(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    here, elsewhere = (token(database, clock, opened.initial_password) for _ in range(2))
    with work_on(database, clock) as work:
        identity_sessions.end(opened.account.actor, work, here)
    assert [runs(database, clock, here), runs(database, clock, elsewhere)] == [False, True]


def test_old_counters_and_sessions_are_forgotten(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    token(database, clock, opened.initial_password)
    clock.advance(seconds=25 * 3600)
    with work_on(database, clock) as work:
        sign_in.forget_old(work)
        assert work.session.execute(select(sessions)).all() == []


def test_a_forgotten_password_is_replaced_once_must_change_and_ends_every_session(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    cookie = token(database, clock, opened.initial_password)
    with work_on(database, clock) as work:
        again = service.reset_password(service.SYSTEM, work, "yamada-01")
    assert not runs(database, clock, cookie)
    assert isinstance(enter(database, clock, opened.initial_password), SignInRefused)
    answer = enter(database, clock, again.initial_password)
    assert isinstance(answer, SignedIn)
    assert answer.account.must_change_password


def test_nobody_signed_in_resets_a_password(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    with work_on(database, clock) as work, pytest.raises(Forbidden):
        service.reset_password(opened.account.actor, work, "yamada-01")
