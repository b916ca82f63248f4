"""Switching the second factor on and off, and the ways back for who lost his token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cectrust.authentication import second_factor
from cectrust.database import Database
from cectrust.identity import service, sessions, sign_in
from cectrust.identity.model import NewAccount, OpenedAccount, SignedIn, SignInRefused
from cectrust.sdk.errors import Conflict, Forbidden, NotSignedIn
from cectrust.sdk.protocols import Actor, ActorKind
from cectrust.work import Work
from tests.conftest import ChosenClock
from tests.support.proof import confirmed, signed_in
from tests.support.works import work_on

NONE = frozenset[ActorKind]()


@pytest.fixture
def opened(database: Database, clock: ChosenClock) -> OpenedAccount:
    with work_on(database, clock) as work:
        company = service.create_company(service.SYSTEM, work, "株式会社山田太郎建設工業北海道東北支店営業第一部")
        new = NewAccount("yoshino", ActorKind.USER, company.id, "営業第一部", "髙﨑 𠮷乃", "y@example.jp")
        return service.create_account(service.SYSTEM, work, new)


def switched_on(work: Work, opened: OpenedAccount) -> tuple[Actor, list[str]]:
    actor = confirmed(work, opened.account.actor, "account.second_factor_on")
    found, codes = second_factor.switch_on(actor, work)
    return replace(actor, session=sessions.digest(found.token)), codes


def half_open(work: Work, opened: OpenedAccount, factors: frozenset[ActorKind] = NONE) -> SignedIn:
    answer = sign_in.sign_in(work, "yoshino", opened.initial_password, factors)
    assert isinstance(answer, SignedIn)
    return answer


def acting(signed: SignedIn) -> Actor:
    return replace(signed.account.actor, session=sessions.digest(signed.token))


def test_once_on_the_password_opens_half_a_session_and_other_sessions_have_ended(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        elsewhere = half_open(work, opened)
        assert not elsewhere.half_open
        switched_on(work, opened)
        assert sessions.account_of_session(work, elsewhere.token) is None
        now = half_open(work, opened)
        running = sessions.account_of_session(work, now.token)
        assert now.half_open
        assert running is not None
        assert running.half_open


def test_half_a_session_ends_after_ten_minutes(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    with work_on(database, clock) as work:
        switched_on(work, opened)
        now = half_open(work, opened)
        clock.advance(seconds=601)
        assert sessions.account_of_session(work, now.token) is None
        with pytest.raises(NotSignedIn):
            sessions.complete(acting(now), work, "certificate")


def test_a_kind_of_account_for_which_it_is_required_never_gets_in_by_password_alone(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        assert half_open(work, opened, frozenset({ActorKind.USER})).half_open
        assert not half_open(work, opened, frozenset({ActorKind.STAFF})).half_open
        actor = confirmed(work, opened.account.actor, "account.second_factor_off")
        with pytest.raises(Conflict):
            second_factor.switch_off(actor, work, frozenset({ActorKind.USER}))


def test_each_recovery_code_opens_one_session_however_it_is_typed(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        _, codes = switched_on(work, opened)
        assert len(set(codes)) == second_factor.CODES
        typed = codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "ｌ")
        first = second_factor.recover(acting(half_open(work, opened)), work, typed)
        assert isinstance(first, SignedIn)
        again = second_factor.recover(acting(half_open(work, opened)), work, codes[0])
        assert isinstance(again, SignInRefused)
        assert second_factor.shown(opened.account.actor, work, NONE).codes_left == second_factor.CODES - 1


def test_guessed_recovery_codes_soon_have_to_wait_and_the_right_one_waits_with_them(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        _, codes = switched_on(work, opened)
        actor = acting(half_open(work, opened))
        answers = [second_factor.recover(actor, work, "0000-0000-0000-0000") for _ in range(5)]
        assert [a.code for a in answers if isinstance(a, SignInRefused)] == ["recovery_code_wrong"] * 4 + [
            "sign_in_waits"
        ]
        assert isinstance(second_factor.recover(actor, work, codes[0]), SignInRefused)
        clock.advance(seconds=31)
        assert isinstance(second_factor.recover(actor, work, codes[0]), SignedIn)


def test_another_persons_code_and_codes_that_were_replaced_open_nothing(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        actor, old = switched_on(work, opened)
        new = second_factor.make_codes(confirmed(work, actor, "account.recovery_codes_made"), work)
        other = service.create_account(
            service.SYSTEM,
            work,
            NewAccount("taro", ActorKind.USER, opened.account.company_id, "営業", "山田 太郎", "t@example.jp"),
        )
        for account, code in ((opened.account, old[0]), (other.account, new[0])):
            half = signed_in(work, account.actor, half_open=True)
            assert isinstance(second_factor.recover(half, work, code), SignInRefused)


def test_off_again_the_password_is_enough_and_the_codes_are_void(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        actor, _ = switched_on(work, opened)
        second_factor.switch_off(confirmed(work, actor, "account.second_factor_off"), work, NONE)
        assert not half_open(work, opened).half_open
        assert second_factor.shown(actor, work, NONE).codes_left == 0


def test_only_an_administrator_on_the_server_resets_it_or_issues_codes(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        actor, _ = switched_on(work, opened)
        for act in (second_factor.reset, second_factor.issue_codes):
            with pytest.raises(Forbidden):
                act(actor, work, "yoshino")
        issued = second_factor.issue_codes(service.SYSTEM, work, "yoshino")
        assert isinstance(second_factor.recover(acting(half_open(work, opened)), work, issued[3]), SignedIn)
        second_factor.reset(service.SYSTEM, work, "yoshino")
        assert not half_open(work, opened).half_open


def test_codes_are_stored_as_digests(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    with work_on(database, clock) as work:
        _, codes = switched_on(work, opened)
        kept = work.session.execute(second_factor.store.recovery_codes.select()).all()
        assert len(kept) == len(codes)
        assert not any(code.replace("-", "") in str(row) or code in str(row) for code in codes for row in kept)
