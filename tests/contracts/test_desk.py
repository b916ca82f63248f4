"""The first page counts all that is open and says where the rest is."""

from __future__ import annotations

import re

import pytest

from cectrust.clock import today
from cectrust.contracts import service
from cectrust.contracts.model import State
from cectrust.contracts.store import Filters
from cectrust.sdk.protocols import Actor
from tests.support.house import House
from tests.support.pages import browser_of


@pytest.fixture(scope="module")
def open_ones(home: House) -> None:
    home.sent()
    home.register()
    sent = home.sent()
    home.do(service.send_back, home.recipient.actor, sent.id, "工期が違います。")


def expected(home: House, actor: Actor) -> tuple[int, int]:
    every = home.read(service.listing, actor, Filters(), 10_000)
    still = [c for c in every if c.state not in (State.CONCLUDED, State.DISCARDED)]
    mine = [c for c in still if actor.company_id in {party.company_id for party in c.holders_of_turn}]
    return len(mine), len(still) - len(mine)


@pytest.mark.usefixtures("open_ones")
@pytest.mark.parametrize("who", ["sender", "recipient", "company"])
def test_the_counts_are_those_of_all_however_few_rows_are_shown(home: House, who: str) -> None:
    actors = {"sender": home.sender.actor, "recipient": home.recipient.actor, "company": home.company_id_actor}
    desk = home.read(service.desk, actors[who], 1)
    mine, theirs = expected(home, actors[who])
    assert min(mine, theirs) >= 1
    assert (desk.counts["mine"], desk.counts["theirs"]) == (mine, theirs)
    assert (len(desk.mine), len(desk.theirs)) == (1, 1)
    for turn, count in (("mine", mine), ("theirs", theirs)):
        assert len(home.read(service.listing, actors[who], Filters(turn=turn), 10_000)) == count


def test_a_deadline_within_seven_days_is_due_and_listed(home: House) -> None:
    day = today(home.platform.clock)
    near, far = day + service.DUE_SOON, day + service.DUE_SOON * 2
    due = home.register(reply_by=near)
    later = home.register(reply_by=far)
    desk = home.read(service.desk, home.sender.actor, 10_000)
    listed = {c.id for c in home.read(service.listing, home.sender.actor, Filters(due_until=near), 10_000)}
    assert {c.id for c in desk.due} == listed
    assert due.id in listed
    assert later.id not in listed
    assert desk.counts["due"] == len(listed)


@pytest.mark.usefixtures("open_ones")
def test_the_page_shows_the_counts_and_a_link_to_what_is_not_shown(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cectrust.contracts.views.MANY_ROWS", 1)
    browser = browser_of(home, "tarou")
    page = browser.get("/").text
    mine, theirs = expected(home, home.sender.actor)
    assert re.search(rf"{mine} 件があなたの番です", page)
    for turn, count in (("mine", mine), ("theirs", theirs)):
        assert (f'href="/contracts?turn={turn}"' in page) == (count > 1)
        listed = browser.get(f"/contracts?turn={turn}").text
        assert re.search(rf'<option value="{turn}" selected>', listed)
