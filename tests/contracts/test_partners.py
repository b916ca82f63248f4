"""Whom a contract can be made with: found among any number, agreed ones first, with the kinds agreed before."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from cectrust.contracts import service
from cectrust.contracts.store import agreements
from cectrust.identity import service as identity
from cectrust.identity.model import Account, NewAccount
from cectrust.identity.service import PARTNERS_SHOWN
from cectrust.sdk.protocols import ActorKind
from tests.support.authorities import KIND
from tests.support.house import House
from tests.support.pages import browser_of

MANY = PARTNERS_SHOWN + 10
LAST = "㍿髙﨑外構"


@pytest.fixture(scope="module")
def many(home: House) -> Account:
    """More companies than are shown, all before the last one, a user of which this is."""
    with home.platform.work() as work:
        for number in range(MANY):
            identity.create_company(identity.SYSTEM, work, f"(有)あさひ工務店{number}")
        company = identity.create_company(identity.SYSTEM, work, LAST)
        new = NewAccount(f"last-{company.number}", ActorKind.USER, company.id, "工事部", "森 一", "m@example.jp")
        return identity.create_account(identity.SYSTEM, work, new).account


def names(found: service.Partners) -> list[str]:
    return [row.company.name for row in found.rows]


def test_the_fifty_first_company_is_found_by_its_name(home: House, many: Account) -> None:
    actor = home.sender.actor
    shown = home.read(service.partners, actor)
    assert len(shown.rows) == PARTNERS_SHOWN
    assert shown.more >= MANY - PARTNERS_SHOWN
    found = home.read(service.partners, actor, "株式会社高崎外")
    assert (names(found), found.more) == ([LAST], 0)
    assert found.of(many.id) == found.rows[0]


def test_whoever_was_agreed_with_comes_before_all_others(home: House, many: Account) -> None:
    home.concluded()
    first = home.read(service.partners, home.sender.actor).rows[0]
    assert first.company.name == "有限会社神福鋼材"
    assert (first.agreed, first.kinds) == (True, (KIND,))
    assert LAST not in names(home.read(service.partners, home.sender.actor))
    assert LAST in names(home.read(service.partners, home.sender.actor, "", many.id))


def test_kinds_are_inherited_in_both_directions_and_only_between_the_two(home: House, many: Account) -> None:
    home.concluded()
    ours = home.read(service.partners, home.recipient.actor, "山田太郎建設").rows[0]
    assert ours.kinds == (KIND,)
    assert home.read(service.partners, home.sender.actor, "株式会社高崎外").rows[0].kinds == ()
    with home.platform.work() as work:
        agreements.record(
            work.session, str(many.company_id), str(home.sender.actor.company_id), ["gone"], work.clock.now()
        )
    assert home.read(service.partners, home.sender.actor, "株式会社高崎外").rows[0].kinds == ()


def test_the_page_searches_keeps_what_was_entered_and_inherits_without_scripts(home: House, many: Account) -> None:
    home.concluded()
    browser = browser_of(home, "tarou")
    entered = {
        "title": "仮設足場 単価契約書",
        "net": "1,200,000",
        "reply_by": "2027-01-31",
        "company": "株式会社高崎外",
    }
    page = browser.get(f"/contracts/new?{urlencode(entered)}").text
    for value in entered.values():
        assert f'value="{value}"' in page
    options = re.findall(r'<option value="([0-9a-f]{32})"', page)
    assert options == [many.id]
    assert not checked(page)
    chosen = entered | {"recipient_account_id": home.recipient.actor.id}
    page = browser.get(f"/contracts/new?{urlencode(chosen)}").text
    assert f'<option value="{home.recipient.actor.id}" data-kinds="{KIND}" selected>' in page
    assert checked(page) == [KIND]
    assert re.search(r"data-undecided hidden", page)
    unchecked = chosen | {"agreed_with": home.recipient.actor.id}
    assert not checked(browser.get(f"/contracts/new?{urlencode(unchecked)}").text)
    undecided = browser.get(f"/contracts/new?{urlencode({'recipient_account_id': many.id})}").text
    assert re.search(r"data-undecided>", undecided)


def checked(page: str) -> list[str]:
    return re.findall(r'name="kinds" value="([^"]+)" checked', page)


def test_the_search_takes_no_token_of_the_session_along(home: House) -> None:
    page = browser_of(home, "tarou").get("/contracts/new").text
    form = page[page.index("data-register") :]
    form = form[: form.index("</form>")]
    assert form.count("csrf_token") == 1
    assert '<button name="csrf_token"' in form
