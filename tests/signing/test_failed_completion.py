"""A signature that cannot be completed gives the contract back, tells the person, and leaves nothing behind."""

from __future__ import annotations

from cectrust.contracts.model import State
from cectrust.jobs import letterhead
from cectrust.journal import service as journal
from cectrust.notifications import service as notifications
from cectrust.notifications import store as letters
from cectrust.sdk.protocols import BlobArea, Message
from cectrust.signing import service
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
