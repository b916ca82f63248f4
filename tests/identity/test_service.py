"""Companies and accounts are opened as entered, and only by those entitled."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from cectrust.database import Database
from cectrust.identity import service
from cectrust.identity.model import NewAccount, OpenedAccount, Role
from cectrust.identity.tables import accounts
from cectrust.journal.tables import acts
from cectrust.sdk.errors import Conflict, Forbidden, InputRefused, NotFound
from cectrust.sdk.protocols import Actor, ActorKind
from tests.conftest import ChosenClock
from tests.support.works import work_on


def test_a_name_is_kept_exactly_although_normalising_would_change_it(database: Database, clock: ChosenClock) -> None:
    name = "神\ufa19福\ufa1b塚\ufa10\u3000㈱"
    with work_on(database, clock) as work:
        made = service.create_company(service.SYSTEM, work, name)
    with work_on(database, clock) as work:
        assert service.company(work, made.id).name == name


def test_company_numbers_are_never_reused_even_after_a_rollback(database: Database, clock: ChosenClock) -> None:
    with work_on(database, clock) as work:
        first = service.create_company(service.SYSTEM, work, "甲")
        second = service.create_company(service.SYSTEM, work, "乙")
    assert [first.number, second.number] == ["C000001-8", "C000002-6"]


def test_the_initial_password_is_stored_only_as_a_hash(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        row = work.session.execute(select(accounts)).one()
        details = work.session.scalars(select(acts.c.detail)).all()
    assert row.password_hash.startswith("$argon2id$")
    assert opened.initial_password not in f"{row} {details} {opened!r}"


def test_a_login_id_is_taken_in_any_case(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    new = NewAccount("YAMADA-01", ActorKind.USER, opened.account.company_id, "", "山田", "y@example.jp")
    with work_on(database, clock) as work, pytest.raises(Conflict):
        service.create_account(service.SYSTEM, work, new)


@pytest.mark.parametrize(
    "change",
    [
        {"login_id": "山田"},
        {"login_id": "y" * 65},
        {"department": "工事部\n"},
        {"person": "山田\u202e太郎"},
        {"person": "渡邊\U000e0101 太郎"},
        {"person": " "},
        {"mail": "nobody"},
        {"mail": "a@example.jp\nBcc: b@example.jp"},
        {"company_id": None},
        {"roles": frozenset({Role.APPROVER})},
    ],
)
def test_a_malformed_account_is_refused(
    database: Database, clock: ChosenClock, opened: OpenedAccount, change: dict[str, object]
) -> None:
    new = NewAccount("second", ActorKind.USER, opened.account.company_id, "", "山田", "y@example.jp")
    with work_on(database, clock) as work, pytest.raises(InputRefused):
        service.create_account(service.SYSTEM, work, replace(new, **change))  # type: ignore[arg-type]


def test_a_login_id_may_be_as_long_as_its_column(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    new = NewAccount("y" * 64, ActorKind.USER, opened.account.company_id, "", "渡邊\U000e010b　太郎", "y@example.jp")
    with work_on(database, clock) as work:
        assert service.create_account(service.SYSTEM, work, new).account.person == "渡邊\U000e010b　太郎"


@pytest.mark.parametrize(("name", "code"), [("㈱山田\x00建設", "U+0000"), ("㈱渡邊\U000e0101建設", "U+908A U+E0101")])
def test_a_company_whose_name_could_not_be_printed_is_refused_by_the_letter(
    database: Database, clock: ChosenClock, name: str, code: str
) -> None:
    with work_on(database, clock) as work, pytest.raises(InputRefused) as refused:
        service.create_company(service.SYSTEM, work, name)
    assert code in refused.value.ja
    assert refused.value.field == "name"


def test_an_account_of_an_unknown_company_is_refused(database: Database, clock: ChosenClock) -> None:
    with work_on(database, clock) as work, pytest.raises(NotFound):
        service.create_account(
            service.SYSTEM, work, NewAccount("x", ActorKind.USER, "0" * 32, "", "山田", "y@example.jp")
        )


@pytest.mark.parametrize("kind", [ActorKind.USER, ActorKind.COMPANY, ActorKind.STAFF, ActorKind.PLUGIN])
def test_only_a_receptionist_opens_companies(database: Database, clock: ChosenClock, kind: ActorKind) -> None:
    with work_on(database, clock) as work:
        with pytest.raises(Forbidden):
            service.create_company(Actor(kind, "x"), work, "甲")
        receptionist = Actor(ActorKind.STAFF, "r", roles=frozenset({"receptionist"}))
        assert service.create_company(receptionist, work, "甲").active


def test_partners_are_the_other_companies_found_however_they_are_written(
    database: Database, clock: ChosenClock, opened: OpenedAccount
) -> None:
    with work_on(database, clock) as work:
        other = service.create_company(service.SYSTEM, work, "㈱髙﨑%建設")
        assert service.partner_companies(opened.account.actor, work) == ([other], 1)
        assert service.partner_companies(opened.account.actor, work, "株式会社高崎%") == ([other], 1)
        assert service.partner_companies(opened.account.actor, work, "%%") == ([], 0)


def test_lookups_tell_mail_addresses_and_users(database: Database, clock: ChosenClock, opened: OpenedAccount) -> None:
    account = opened.account
    with work_on(database, clock) as work:
        assert [box.mail for box in service.mail_addresses(work, [account.id, "f" * 32])] == ["yoshino@example.jp"]
        assert service.users_of(work, account.company_id or "") == [account]
        assert service.account(work, account.id) == account
        with pytest.raises(NotFound):
            service.account(work, "f" * 32)
