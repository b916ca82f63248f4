"""Whoever acts at the same moment: exactly one effect, and the others are told."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import pytest

from cectrust.contracts import service as contracts
from cectrust.contracts.model import State
from cectrust.journal import store as journal
from cectrust.sdk.errors import CectrustError, Conflict, NotFound
from cectrust.signing import batch_store, service
from cectrust.signing.model import SigningRequest
from cectrust.work import Parsers
from tests.support.house import House


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Each act in a thread of its own, all past one barrier; what it returned, or our error that it raised."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except CectrustError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def refusals(ends: list[object]) -> list[CectrustError]:
    return [end for end in ends if isinstance(end, CectrustError)]


def count(home: House, contract_id: str, act: str) -> int:
    with home.platform.reading() as work:
        return [found.act for found in journal.about(work.session, contract_id)].count(act)


def test_one_result_sent_twice_at_once_is_accepted_once_and_answered_twice(home: House) -> None:
    contract = home.register()
    request = home.request(home.sender, contract.id)
    result = home.sender.result(request, home.origin)
    accept = [lambda: service.accept(home.sender.actor, home.platform, request.batch_id, result)] * 4
    assert refusals(at_once(*accept)) == []
    assert home.enqueued.count(request.id) == 1
    assert count(home, contract.id, "contract.signature_accepted") == 1
    home.complete(request.id)


def test_fields_asked_for_at_once_are_added_once_and_serve_every_preparation(home: House) -> None:
    contract = home.register()
    batch = home.chosen(home.sender, contract.id)
    add = [lambda: service.add_fields(home.sender.actor, home.platform, batch.id, 0)] * 3
    prepare = [lambda: service.prepare(home.sender.actor, home.platform, batch.id, 0)] * 2
    assert {type(refusal) for refusal in refusals(at_once(*add, *prepare))} <= {Conflict}
    service.add_fields(home.sender.actor, home.platform, batch.id, 0)
    assert count(home, contract.id, "contract.fields_added") == 1
    assert service.prepare(home.sender.actor, home.platform, batch.id, 0).contract_id == contract.id
    assert len(home.contract(contract.id).document.revisions) == 2


def test_of_two_colleagues_who_sign_at_once_one_signs(home: House) -> None:
    contract = home.register()
    requests = [home.request(home.sender, contract.id) for _ in range(2)]
    ends = at_once(*[lambda request=request: home.accept(home.sender, request) for request in requests])
    assert [type(refusal) for refusal in refusals(ends)] == [Conflict]
    winner = str(home.contract(contract.id).accepting_request_id)
    assert [request.id in home.enqueued for request in requests].count(True) == 1
    home.complete(winner)
    assert len(home.contract(contract.id).document.revisions) == 3


def test_a_contract_confirmed_twice_at_once_is_concluded_once(home: House) -> None:
    contract = home.sent()
    home.sign(home.recipient, contract.id)
    ends = at_once(*[lambda: home.do(contracts.confirm, home.sender.actor, contract.id)] * 3)
    assert len(refusals(ends)) == 2
    assert home.contract(contract.id).state is State.CONCLUDED
    assert count(home, contract.id, "contract.concluded") == 1


def test_either_the_recall_or_the_signature_comes_first(home: House) -> None:
    contract = home.sent()
    request = home.request(home.recipient, contract.id)
    recalled, accepted = at_once(
        lambda: home.do(contracts.recall, home.sender.actor, contract.id, "金額に誤りがありました。"),
        lambda: home.accept(home.recipient, request),
    )
    if isinstance(accepted, CectrustError):
        assert isinstance(accepted, Conflict | NotFound)
        assert recalled is None
        assert home.contract(contract.id).state is State.RECALLED
        assert request.id not in home.enqueued
        return
    assert isinstance(recalled, Conflict)
    home.complete(request.id)
    assert home.contract(contract.id).state is State.RETURNED


class OtherTabFirst:
    """Parsers that fail once another tab, which asks in between, has got its answer."""

    def __init__(self, parsers: Parsers, other_tab: Callable[[], object]) -> None:
        self._parsers, self._other_tab = parsers, other_tab

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parsers, name)

    def prepare(self, *_arguments: object) -> NoReturn:
        self._other_tab()
        raise Conflict("broken", "壊れました。", "broken")


def test_a_preparation_that_fails_leaves_what_another_tab_prepared_meanwhile(home: House) -> None:
    batch = home.chosen(home.sender, home.register().id)
    other: list[SigningRequest] = []
    act = lambda: other.append(service.prepare(home.sender.actor, home.platform, batch.id, 0))  # noqa: E731
    place = dataclasses.replace(home.platform, parsers=OtherTabFirst(home.platform.parsers, act))
    with pytest.raises(Conflict, match="broken"):
        service.prepare(home.sender.actor, place, batch.id, 0)
    (item,) = home.read(service.own_batch, home.sender.actor, batch.id).items
    assert (item.request_id, item.refusal_en) == (other[0].id, "")


def test_a_preparation_that_fails_leaves_what_was_signed_meanwhile(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    (item,) = home.read(service.own_batch, home.sender.actor, request.batch_id).items
    home.accept(home.sender, request)
    with home.platform.work() as work:
        batch_store.refuse_item(work.session, request.batch_id, item, "壊れました。", "broken")
    assert home.read(service.own_batch, home.sender.actor, request.batch_id).items == (item,)
