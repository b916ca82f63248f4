"""A closed ID opens nothing from one moment to the next, loses nothing that it did, and can be opened again."""

from __future__ import annotations

import pytest

from cectrust.database import Database
from cectrust.identity import service, sessions, sign_in
from cectrust.identity.model import OpenedAccount, SignedIn
from cectrust.journal import store as journal
from cectrust.sdk.errors import Conflict, Forbidden, NotFound
from cectrust.sdk.protocols import Actor, ActorKind
from tests.conftest import ChosenClock
from tests.support.works import work_on

ADMINISTRATOR = Actor(ActorKind.STAFF, "s", roles=frozenset({"system_administrator"}))


def signs_in(database: Database, clock: ChosenClock, opened: OpenedAccount) -> SignedIn | None:
    with work_on(database, clock) as work:
        answer = sign_in.sign_in(work, opened.account.login_id, opened.initial_password)
    return answer if isinstance(answer, SignedIn) else None


def runs(database: Database, clock: ChosenClock, signed_in: SignedIn) -> bool:
    with work_on(database, clock) as work:
        return sessions.account_of_session(work, signed_in.token) is not None


def test_a_closed_id_opens_no_session_and_its_sessions_end(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    before = signs_in(database, clock, opened)
    assert before
    with work_on(database, clock) as work:
        assert not service.deactivate(service.SYSTEM, work, "YAMADA-01").active
    assert not runs(database, clock, before)
    assert signs_in(database, clock, opened) is None
    with work_on(database, clock) as work:
        assert service.users_of(work, opened.account.company_id or "") == []
        with pytest.raises(NotFound):
            service.active_by_login(work, opened.account.login_id)


def test_opened_again_it_is_as_before_but_for_its_sessions(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    before = signs_in(database, clock, opened)
    assert before
    for change in (service.deactivate, service.activate):
        with work_on(database, clock) as work:
            change(ADMINISTRATOR, work, opened.account.login_id)
    assert not runs(database, clock, before)
    assert signs_in(database, clock, opened)


def test_closing_and_opening_are_in_the_journal_of_the_company(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    for change in (service.deactivate, service.activate):
        clock.advance(seconds=1)
        with work_on(database, clock) as work:
            change(service.SYSTEM, work, opened.account.login_id)
            acts = journal.about(work.session, opened.account.id)
    assert [act.act for act in acts] == ["account.created", "account.deactivated", "account.activated"]
    assert {act.detail["login_id"] for act in acts} == {"yamada-01"}


def test_what_is_closed_is_not_closed_again_nor_opened_twice(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        with pytest.raises(Conflict, match="account_open"):
            service.activate(service.SYSTEM, work, opened.account.login_id)
        service.deactivate(service.SYSTEM, work, opened.account.login_id)
        with pytest.raises(Conflict, match="account_closed"):
            service.deactivate(service.SYSTEM, work, opened.account.login_id)
        with pytest.raises(NotFound):
            service.deactivate(service.SYSTEM, work, "nobody")


@pytest.mark.parametrize("kind", [ActorKind.USER, ActorKind.COMPANY, ActorKind.STAFF, ActorKind.PLUGIN])
def test_nobody_else_closes_or_opens(
    database: Database, clock: ChosenClock, opened: OpenedAccount, kind: ActorKind
) -> None:
    actor = Actor(kind, opened.account.id, opened.account.company_id, roles=frozenset({"receptionist", "help_desk"}))
    with work_on(database, clock) as work:
        for change in (service.deactivate, service.activate):
            with pytest.raises(Forbidden):
                change(actor, work, opened.account.login_id)
