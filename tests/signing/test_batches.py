"""Many contracts under one request: each stands for itself, none is lost, and nobody signs what he may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cectrust.contracts import service as contracts
from cectrust.contracts.model import State
from cectrust.contracts.service import Upload
from cectrust.keys.model import RequestClaims
from cectrust.sdk.errors import CectrustError, Conflict, Forbidden, InputRefused, NotFound
from cectrust.signing import service
from cectrust.signing.display import ShownBatch, shown_batch
from cectrust.signing.model import MOST_DOCUMENTS, REQUEST_LIFE, RequestState, SigningRequest
from cectrust.signing.orders import Orders
from tests.support.authorities import KIND
from tests.support.house import LONG_NAME, House
from tests.support.person import Person


def shown(home: House, person: Person, batch_id: str) -> ShownBatch:
    batch, entries = home.read(service.contents, person.actor, batch_id)
    return shown_batch(entries, batch, home.platform.clock.now())


def states(home: House, person: Person, batch_id: str) -> list[str]:
    return [item.state for _, item in shown(home, person, batch_id).rows]


def order(home: House, batch_id: str) -> RequestClaims:
    with home.platform.reading() as work:
        return Orders(home.platform.clock)(work.session, "sign", batch_id)


def refusal(act: Callable[[], object]) -> CectrustError:
    with pytest.raises(CectrustError) as caught:
        act()
    return caught.value


def test_one_order_names_every_prepared_document_in_the_order_of_the_choice(home: House) -> None:
    found = [home.register(title=f"第{n}工区 請負契約書") for n in (3, 1, 2)]
    requests = home.requests(home.sender, *(contract.id for contract in found))
    claims = order(home, requests[0].batch_id)
    assert claims.jti == requests[0].batch_id
    assert [document.title for document in claims.docs] == [contract.title for contract in found]
    assert [document.sha256 for document in claims.docs] == [each.prepared.file_sha256 for each in requests]


def test_each_result_is_taken_as_it_comes_and_completes_by_itself(home: House) -> None:
    requests = home.requests(home.sender, *(home.register().id for _ in range(3)))
    for request in reversed(requests):
        assert home.accept(home.sender, request).state is RequestState.ACCEPTED
        assert home.accept(home.sender, request).state is RequestState.ACCEPTED, "the same once more changes nothing"
    home.complete(requests[1].id)
    assert states(home, home.sender, requests[0].batch_id) == ["accepted", "completed", "accepted"]
    assert [home.contract(each.contract_id).state for each in requests] == [State.DRAFT, State.SIGNED, State.DRAFT]
    for each in (requests[0], requests[2]):
        home.complete(each.id)


def test_what_a_lost_token_left_unsigned_is_signed_later_under_another_order(home: House) -> None:
    first, second, third = home.requests(home.sender, *(home.register().id for _ in range(3)))
    home.accept(home.sender, first)
    home.complete(first.id)
    assert states(home, home.sender, first.batch_id) == ["completed", "prepared", "prepared"]
    claims = order(home, first.batch_id)
    assert [document.id for document in claims.docs] == [second.document_id, third.document_id]
    for each in (second, third):
        home.accept(home.sender, each)
        home.complete(each.id)
    assert states(home, home.sender, first.batch_id) == ["completed"] * 3
    assert refusal(lambda: order(home, first.batch_id)).code == "request_over"


def test_a_contract_that_cannot_be_signed_is_left_out_with_its_reason_and_stops_nobody(home: House) -> None:
    good, gone = home.register(), home.register()
    home.do(contracts.discard, home.sender.actor, gone.id)
    batch = home.chosen(home.sender, gone.id, good.id)
    found = shown(home, home.sender, batch.id)
    assert [item.state for _, item in found.rows] == ["refused", "waiting"]
    assert "破棄" in found.rows[0][1].why
    assert (found.refused, found.to_sign, found.gross) == (1, 1, 128_700_000)
    assert isinstance(refusal(lambda: service.prepare(home.sender.actor, home.platform, batch.id, 0)), Conflict)
    home.do(service.bind_connection, home.sender.actor, batch.id, home.connected(home.sender).id)
    request = service.prepare(home.sender.actor, home.platform, batch.id, 1)
    home.do(service.note_order, home.sender.actor, batch.id)
    home.accept(home.sender, request)
    home.complete(request.id)
    assert states(home, home.sender, batch.id) == ["refused", "completed"]


def test_a_contract_that_changes_meanwhile_is_refused_alone(home: House) -> None:
    kept, replaced = home.requests(home.sender, home.register().id, home.register().id)
    upload = Upload(home.document, "第2版.pdf")
    contracts.replace_document(home.sender.actor, home.platform, replaced.contract_id, upload)
    assert refusal(lambda: home.accept(home.sender, replaced)).code == "changed_meanwhile"
    home.accept(home.sender, kept)
    home.complete(kept.id)
    again = service.prepare(home.sender.actor, home.platform, kept.batch_id, 1)
    assert again.id != replaced.id
    assert again.document_id != replaced.document_id


def test_one_contract_in_two_batches_is_signed_once_and_the_other_is_told(home: House) -> None:
    contract = home.register()
    one, other = home.request(home.sender, contract.id), home.request(home.sender, contract.id)
    home.accept(home.sender, one)
    assert refusal(lambda: home.accept(home.sender, other)).code == "signature_in_progress"
    home.complete(one.id)
    assert isinstance(refusal(lambda: home.accept(home.sender, other)), Conflict)
    assert home.contract(contract.id).state is State.SIGNED


def test_a_certificate_is_counted_for_the_contracts_that_agreed_on_its_kind(home: House) -> None:
    batch = home.chosen(home.sender, home.register().id, home.register(kinds=(KIND,)).id)
    connection = home.connected(home.sender)
    listed = home.sender.listed(connection, home.sender.entity.der, home.recipient.entity.der)
    mine, theirs = service.choices(home.sender.actor, home.platform, batch.id, connection.id, listed)
    assert (mine.contracts, mine.usable, mine.why) == (2, True, None)
    assert (theirs.contracts, theirs.usable) == (0, False)
    assert theirs.why is not None
    assert "登録されていません" in theirs.why.ja


def test_another_certificate_prepares_anew_until_something_is_signed(home: House) -> None:
    first, second = home.requests(home.sender, home.register().id, home.register().id)
    choose = lambda der: home.do(service.choose, home.sender.actor, first.batch_id, der, REQUEST_LIFE)  # noqa: E731
    choose(home.sender.entity.der)
    assert states(home, home.sender, first.batch_id) == ["prepared", "prepared"], "the same one changes nothing"
    choose(home.recipient.entity.der)
    assert states(home, home.sender, first.batch_id) == ["waiting", "waiting"]
    choose(home.sender.entity.der)
    prepared = [service.prepare(home.sender.actor, home.platform, first.batch_id, n) for n in (0, 1)]
    assert {each.id for each in prepared}.isdisjoint({first.id, second.id})
    home.do(service.note_order, home.sender.actor, first.batch_id)
    home.accept(home.sender, prepared[0])
    assert refusal(lambda: choose(home.recipient.entity.der)).code == "another_certificate"
    home.complete(prepared[0].id)


def test_what_is_too_old_is_prepared_anew_and_nothing_is_lost(home: House) -> None:
    batch = home.chosen(home.sender, home.register().id)
    home.do(service.choose, home.sender.actor, batch.id, home.recipient.entity.der, REQUEST_LIFE)
    home.do(service.choose, home.sender.actor, batch.id, home.sender.entity.der, 0)
    assert refusal(lambda: service.prepare(home.sender.actor, home.platform, batch.id, 0)).code == "request_over"
    home.do(service.choose, home.sender.actor, batch.id, home.sender.entity.der, REQUEST_LIFE)
    assert service.prepare(home.sender.actor, home.platform, batch.id, 0).state is RequestState.PREPARED
    assert states(home, home.sender, batch.id) == ["prepared"]


def test_a_result_of_another_batch_is_refused(home: House) -> None:
    ours, theirs = home.request(home.sender, home.register().id), home.request(home.sender, home.register().id)
    result = home.sender.result(theirs, home.origin)
    with pytest.raises(InputRefused):
        service.accept(home.sender.actor, home.platform, ours.batch_id, result)


@pytest.mark.parametrize("ids", [[], ["f" * 32] * 2, [f"{n:032x}" for n in range(MOST_DOCUMENTS + 1)]])
def test_nobody_selects_nothing_too_much_or_what_is_not_there(home: House, ids: list[str]) -> None:
    with pytest.raises((InputRefused, NotFound)):
        home.do(service.select, home.sender.actor, ids)


def test_only_a_party_puts_a_contract_into_a_batch_and_only_users_do(home: House) -> None:
    contract = home.register()
    for actor in (home.stranger, home.recipient.actor):
        with pytest.raises(NotFound):
            home.do(service.select, actor, [contract.id])
    with pytest.raises(Forbidden):
        home.do(service.select, home.company_id_actor, [contract.id])


def test_a_batch_is_its_own_users_alone(home: House) -> None:
    request: SigningRequest = home.request(home.sender, home.register().id)
    acts: list[Callable[[], object]] = [
        lambda: home.read(service.contents, home.recipient.actor, request.batch_id),
        lambda: home.do(service.choose, home.recipient.actor, request.batch_id, b"", REQUEST_LIFE),
        lambda: service.prepare(home.recipient.actor, home.platform, request.batch_id, 0),
        lambda: service.accept(home.recipient.actor, home.platform, request.batch_id, {}),
    ]
    for act in acts:
        assert isinstance(refusal(act), NotFound)


def test_the_partner_is_named_as_the_signer_sees_him(home: House) -> None:
    contract = home.sent()
    request = home.request(home.recipient, contract.id)
    assert order(home, request.batch_id).docs[0].partner == LONG_NAME
