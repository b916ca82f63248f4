"""Ids travel in bodies as well as in addresses: another person's are worth nothing there (authorization matrix)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from cectrust.contracts.model import Contract
from cectrust.sdk.errors import Forbidden, InputRefused, NotFound
from cectrust.signing import connections, service
from cectrust.signing.model import Connection, RequestState, SigningRequest
from tests.support.house import House


@pytest.fixture(scope="module")
def foreign(home: House) -> Connection:
    """The recipient's connection, verified and open."""
    return home.connected(home.recipient)


@pytest.fixture(scope="module")
def draft(home: House) -> Contract:
    return home.register()


def test_a_request_does_not_travel_over_another_users_connection(
    home: House, draft: Contract, foreign: Connection
) -> None:
    batch = home.chosen(home.sender, draft.id)
    with pytest.raises(NotFound):
        home.do(service.bind_connection, home.sender.actor, batch.id, foreign.id)


def test_certificates_listed_over_another_users_connection_are_not_looked_at(
    home: House, draft: Contract, foreign: Connection
) -> None:
    with pytest.raises(NotFound):
        service.choices(home.sender.actor, home.platform, home.chosen(home.sender, draft.id).id, foreign.id, {})


def test_a_hello_does_not_verify_another_users_connection(home: House) -> None:
    theirs = home.do(connections.open_connection, home.recipient.actor, home.origin)
    for person in (home.sender, home.recipient):
        with pytest.raises(NotFound):
            home.do(connections.accept_hello, home.sender.actor, theirs.id, person.hello(theirs))


def test_a_connection_is_good_only_in_the_session_that_opened_it(home: House, draft: Contract) -> None:
    here, there = (dataclasses.replace(home.sender.actor, session=name * 64) for name in "ab")
    opened = home.do(connections.open_connection, here, home.origin)
    hello = home.sender.hello(opened)
    with pytest.raises(NotFound):
        home.do(connections.accept_hello, there, opened.id, hello)
    home.do(connections.accept_hello, here, opened.id, hello)
    batch = home.chosen(home.sender, draft.id)
    for act, more in [(connections.verified_connection, ()), (service.bind_connection, (batch.id,))]:
        with pytest.raises(NotFound):
            home.do(act, there, *more, opened.id)
    with pytest.raises(NotFound):
        service.choices(there, home.platform, batch.id, opened.id, home.sender.listed(opened))
    assert home.do(service.bind_connection, here, batch.id, opened.id).connection_id == opened.id


def test_what_was_ordered_in_one_session_is_answered_in_another(home: House) -> None:
    """The person had to log in again before his page could deliver what he had signed."""
    request = home.request(home.sender, home.register().id)
    elsewhere = dataclasses.replace(home.sender.actor, session="b" * 64)
    result = home.sender.result(request, home.origin)
    accepted = service.accept(elsewhere, home.platform, request.batch_id, result)
    assert accepted.state is RequestState.ACCEPTED
    home.complete(request.id)


@pytest.fixture(scope="module")
def ours(home: House) -> SigningRequest:
    return home.request(home.sender, home.register().id)


@pytest.fixture(scope="module")
def theirs(home: House) -> SigningRequest:
    return home.request(home.recipient, home.sent().id)


@pytest.mark.parametrize("field", ["jti", "cert_sha256", "bridge_id"])
def test_a_result_that_names_something_of_another_is_refused(
    home: House, ours: SigningRequest, theirs: SigningRequest, field: str
) -> None:
    """The id in the address is one's own; the one in the body is the partner's, and the bridge vouches for it."""
    named = home.recipient.result(theirs, home.origin)[field]
    with pytest.raises(InputRefused):
        home.accept(home.sender, ours, **{field: named})


def test_a_result_made_for_another_site_is_refused(home: House, ours: SigningRequest) -> None:
    result = home.sender.result(ours, "https://elsewhere.example")
    with pytest.raises(InputRefused):
        service.accept(home.sender.actor, home.platform, ours.batch_id, result)


@pytest.mark.parametrize(
    "addressee",
    [
        lambda home: home.sender.actor.id,
        lambda home: home.company_id_actor.id,
        lambda _: "f" * 32,
    ],
    ids=["oneself", "a company ID", "nobody"],
)
def test_a_contract_goes_to_a_user_of_another_company_only(home: House, addressee: Callable[[House], str]) -> None:
    with pytest.raises(InputRefused) as refused:
        home.register(recipient_account_id=addressee(home))
    assert refused.value.code == "partner_missing"


def test_a_company_id_connects_to_log_in_and_chooses_nothing_to_sign(home: House) -> None:
    contract = home.register()
    opened: Connection = home.do(connections.open_connection, home.company_id_actor, home.origin)
    assert opened.account_id == home.company_id_actor.id
    with pytest.raises(Forbidden):
        home.do(service.select, home.company_id_actor, [contract.id])
