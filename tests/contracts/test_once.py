"""A form that was sent twice registers once, whoever is faster; numbers and consents don't collide either."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from cectrust.clock import new_id
from cectrust.contracts import service, store
from cectrust.contracts.model import Contract
from cectrust.contracts.service import Registration, Upload
from cectrust.contracts.store import writing
from cectrust.contracts.tables import consents, contracts
from cectrust.identity import service as identity
from cectrust.identity.model import Account, NewAccount
from cectrust.sdk.errors import Conflict
from cectrust.sdk.protocols import ActorKind
from tests.signing.test_races import at_once, refusals
from tests.support.authorities import KIND
from tests.support.contracts import blank_pdf
from tests.support.house import House
from tests.support.pages import browser_of

TITLE = "仮設足場 単価契約書"
CLOSE_OLDER = import_module("cectrust.database.migrations.versions.0011_sent_and_used").CLOSE_OLDER


def form(home: House) -> Registration:
    return Registration(TITLE, home.recipient.actor.id, (KIND,), token=new_id(home.platform.clock))


def registering(home: House, entered: Registration, document: Path | None = None) -> Callable[[], Contract]:
    upload = Upload(document or home.document, "契約書.pdf")
    return lambda: service.register(home.sender.actor, home.platform, entered, upload)


def registered(home: House) -> int:
    with home.platform.reading() as work:
        return int(work.session.scalar(select(func.count()).select_from(contracts)) or 0)


def test_a_form_sent_four_times_at_once_registers_one_contract_and_is_answered_four_times(home: House) -> None:
    before = registered(home)
    ends = at_once(*[registering(home, form(home))] * 4)
    assert refusals(ends) == []
    assert len({found.id for found in ends if isinstance(found, Contract)}) == 1
    assert registered(home) == before + 1


def test_the_same_form_later_is_answered_with_the_same_contract(home: House) -> None:
    register = registering(home, form(home))
    assert register().id == register().id


def test_another_form_with_the_same_content_is_another_contract(home: House) -> None:
    assert registering(home, form(home))().id != registering(home, form(home))().id


@pytest.mark.parametrize("changed", ["title", "document"])
def test_a_used_form_with_other_content_is_refused_and_names_what_it_registered(
    home: House, tmp_path: Path, changed: str
) -> None:
    entered = form(home)
    first = registering(home, entered)()
    other = replace(entered, title="別の契約書") if changed == "title" else entered
    document = blank_pdf(tmp_path / "other.pdf") if changed == "document" else None
    with pytest.raises(Conflict, match="form_used") as refused:
        registering(home, other, document)()
    assert first.number in refused.value.ja


def test_a_token_is_ones_own(home: House) -> None:
    entered = form(home)
    registering(home, entered)()
    theirs = replace(entered, recipient_account_id=home.sender.actor.id)
    upload = Upload(home.document, "契約書.pdf")
    mirrored = service.register(home.recipient.actor, home.platform, theirs, upload)
    assert mirrored.sender.company_id == home.recipient.actor.company_id


def test_the_first_contracts_of_a_year_get_numbers_of_their_own_at_once(home: House) -> None:
    def number(year: int) -> int:
        with home.platform.database.transaction() as session:
            return writing.next_number(session, year)

    for year in range(3000, 3010):
        assert sorted(map(str, at_once(*[lambda year=year: number(year)] * 4))) == ["1", "2", "3", "4"]


def test_of_two_contracts_that_ask_a_partner_at_once_one_asks(home: House) -> None:
    partner = new_partner(home)
    drafts = [home.register(recipient_account_id=partner.id) for _ in range(2)]
    ends = at_once(*[lambda d=d: home.do(service.ask_consent, home.sender.actor, d.id) for d in drafts])
    assert [refusal.code for refusal in refusals(ends)] == ["consent_asked"]
    with home.platform.reading() as work:
        asked = select(func.count()).where(consents.c.partner_company_id == partner.company_id)
        assert work.session.scalar(asked) == 1


def new_partner(home: House) -> Account:
    with home.platform.work() as work:
        company = identity.create_company(identity.SYSTEM, work, "合同会社はじめて組")
        new = NewAccount(f"new-{company.number}", ActorKind.USER, company.id, "", "初 一", "h@example.jp")
        return identity.create_account(identity.SYSTEM, work, new).account


def test_a_double_click_on_the_page_registers_once(home: House) -> None:
    browser = browser_of(home, "tarou")
    token = re.search(r'name="token" value="([0-9a-f]{32})"', browser.get("/contracts/new").text)
    assert token

    def post(**changes: str) -> tuple[int, str, str]:
        fields = {"title": TITLE, "recipient_account_id": home.recipient.actor.id, "kinds": KIND, "token": token[1]}
        with home.document.open("rb") as file:
            data = {**fields, "document": (file, "契約書.pdf"), **changes}
            answer = browser.post("/contracts", "/contracts/new", data)
        return answer.status_code, answer.headers.get("Location", ""), answer.text

    before = registered(home)
    first, second = post(), post()
    assert (first[0], first[:2]) == (303, second[:2])
    assert registered(home) == before + 1
    status, _, page = post(title="ほかの契約書")
    assert (status, "もう一度" in page) == (409, True)
    assert re.search(r'name="token" value="([0-9a-f]{32})"', page)[1] != token[1]  # type: ignore[index]
    assert post(token="")[0] == 422


def test_a_request_that_lost_the_race_after_looking_is_refused_by_the_database(home: House) -> None:
    partner = new_partner(home)
    asked = home.do(service.ask_consent, home.sender.actor, home.register(recipient_account_id=partner.id).id)
    with home.platform.work() as work:
        assert not store.consents.insert_request(work.session, replace(asked, id=new_id(work.clock)))
    home.do(service.refuse_consent, partner.actor, asked.id)
    with home.platform.work() as work:
        assert store.consents.insert_request(work.session, replace(asked, id=new_id(work.clock)))


def test_the_migration_leaves_the_newest_of_two_open_requests(home: House) -> None:
    partner = new_partner(home)
    first = home.do(service.ask_consent, home.sender.actor, home.register(recipient_account_id=partner.id).id)
    newest = replace(first, id=new_id(home.platform.clock))
    with home.platform.database.transaction() as session:
        session.execute(text("DROP INDEX uq_contract_consents_open"))
        assert store.consents.insert_request(session, newest)
        session.execute(text(CLOSE_OLDER))
        ours = store.consents.of_company(session, str(partner.company_id))
        session.rollback()
    assert [(consent.id, consent.open) for consent in ours] == [(newest.id, True), (first.id, False)]
