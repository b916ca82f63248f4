"""A signature that cannot be completed gives the contract back, tells the person, and leaves nothing behind."""

from __future__ import annotations

import pytest

from cectrust.contracts.model import State
from cectrust.identity.service import SYSTEM
from cectrust.jobs import letterhead
from cectrust.journal import service as journal
from cectrust.notifications import service as notifications
from cectrust.notifications import store as letters
from cectrust.sdk.errors import Conflict, Unavailable
from cectrust.sdk.protocols import BlobArea, Message
from cectrust.signing import recovery, service
from cectrust.signing.model import RequestState, SigningRequest
from cectrust.signing.working import Sweep, keys_of
from tests.support.house import House


def failed(home: House) -> SigningRequest:
    """Accepted, but revoked from before the time that the timestamp will prove."""
    contract = home.register()
    request = home.accept(home.sender, home.request(home.sender, contract.id))
    with home.revoked(home.sender):
        home.complete(request.id)
    return home.read(service.own_request, home.sender.actor, request.id)  # type: ignore[no-any-return]


def told(home: House) -> list[Message]:
    """Everything that anybody is told, up to now."""
    with home.platform.work() as work:
        journal.sequence(work.session)
        while notifications.collect(work, ["test"], letterhead(home.platform.settings)):
            journal.sequence(work.session)
        return [letter.message for letter in letters.due(work.session, work.clock.now(), 10_000)]


def test_a_signature_that_does_not_pass_validation_gives_the_contract_back_and_tells_the_signer(home: House) -> None:
    request = failed(home)
    contract = home.contract(request.contract_id)
    assert request.state is RequestState.FAILED
    assert (contract.state, contract.accepting_request_id) == (State.DRAFT, None)
    assert [revision.kind for revision in contract.document.revisions] == ["uploaded", "fields"]
    assert all(slot.signed_at is None for slot in contract.document.slots)
    letter = next(m for m in told(home) if contract.number in m.subject and "完了できませんでした" in m.subject)
    assert letter.to == "tarou@example.jp"
    assert request.failure_ja in letter.body
    assert request.failure_en.isascii()
    assert request.failure_en != ""
    home.sign(home.sender, contract.id)
    assert home.contract(contract.id).state is State.SIGNED


@pytest.mark.parametrize("step", ["extend", "validate"])
def test_a_parser_that_stops_delays_a_signature_and_never_gives_it_back(home: House, step: str) -> None:
    contract = home.register()
    request = home.accept(home.sender, home.request(home.sender, contract.id))
    with home.starved(step), pytest.raises(Unavailable) as waiting:
        home.complete(request.id)
    assert waiting.value.code == "parser_stopped"
    kept = home.read(service.own_request, home.sender.actor, request.id)
    assert (kept.state, kept.failure_ja) == (RequestState.ACCEPTED, "")
    assert home.contract(contract.id).accepting_request_id == request.id
    home.complete(request.id)
    assert home.contract(contract.id).state is State.SIGNED


def test_an_administrator_gives_back_what_cannot_be_completed(home: House) -> None:
    contract = home.register()
    request = home.accept(home.sender, home.request(home.sender, contract.id))
    home.do(recovery.give_back_by_hand, SYSTEM, request.id, "時刻認証局の契約が終了したため")
    home.complete(request.id)  # the step that was waiting wakes up, and changes nothing
    found = home.read(service.own_request, home.sender.actor, request.id)
    assert (found.state, home.contract(contract.id).accepting_request_id) == (RequestState.FAILED, None)
    assert [r.kind for r in home.contract(contract.id).document.revisions] == ["uploaded", "fields"]
    letter = next(m for m in told(home) if contract.number in m.subject and "完了できませんでした" in m.subject)
    assert "時刻認証局の契約が終了したため" in letter.body
    with home.platform.reading() as work:
        acts = [act for _, act in journal.unread(work.session, "probe", 100_000) if act.subject == request.id]
    (act,) = (act for act in acts if act.act == "signature.given_back")
    assert (act.actor_kind, act.detail) == ("system", {"reason": "時刻認証局の契約が終了したため"})
    home.sign(home.sender, contract.id)
    assert home.contract(contract.id).state is State.SIGNED


def test_only_a_signature_on_its_way_can_be_given_back(home: House) -> None:
    contract = home.register()
    request = home.sign(home.sender, contract.id)
    with pytest.raises(Conflict):
        home.do(recovery.give_back_by_hand, SYSTEM, request.id, "理由")
    assert home.contract(contract.id).state is State.SIGNED


def test_a_completed_signature_leaves_no_working_copies(home: House) -> None:
    contract = home.register()
    request = home.sign(home.sender, contract.id)
    found = home.read(service.own_request, home.sender.actor, request.id)
    assert len(keys_of(found)) == 3
    assert not {*keys_of(found)} & {*home.platform.blobs.walk(BlobArea.WORKING)}


def test_copies_that_nobody_needs_are_swept_at_second_sight(home: House) -> None:
    request = failed(home)
    waiting = home.request(home.sender, request.contract_id)
    sweep = Sweep()
    sweep.run(home.platform)
    assert {*keys_of(request)} <= {*home.platform.blobs.walk(BlobArea.WORKING)}
    assert sweep.run(home.platform) >= len(keys_of(request))
    left = {*home.platform.blobs.walk(BlobArea.WORKING)}
    assert not {*keys_of(request)} & left
    assert {*keys_of(waiting)} <= left
