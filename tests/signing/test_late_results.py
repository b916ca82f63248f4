"""A signature that the person gave counts for as long as his bridge keeps it, and not a moment against his interest."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from cectrust.clock import SystemClock
from cectrust.contracts import service as contracts
from cectrust.contracts.service import Upload
from cectrust.identity.service import SYSTEM
from cectrust.keys import jose
from cectrust.outbound.revocation import RevocationFetcher
from cectrust.sdk.errors import CectrustError, Unavailable
from cectrust.sdk.protocols import BlobArea, Instant
from cectrust.signing import bridges, service
from cectrust.signing.display import shown_batch
from cectrust.signing.model import RequestState, SigningRequest
from cectrust.signing.orders import Orders
from cectrust.signing.working import Sweep, keys_of
from cectrust.web.errors import status_of
from tests.support.house import House

HOUR = 60


class Later:
    """A clock that is so many minutes ahead."""

    def __init__(self, minutes: int) -> None:
        self._minutes = minutes

    def now(self) -> Instant:
        return Instant(SystemClock().now() + self._minutes * 60_000_000)


def later(home: House, minutes: int) -> House:
    """The same house when so many minutes have passed."""
    return dataclasses.replace(home, platform=dataclasses.replace(home.platform, clock=Later(minutes)))


def resumed(home: House, request: SigningRequest) -> None:
    """The page connects anew, as it does to fetch kept results."""
    home.do(service.bind_connection, home.sender.actor, request.batch_id, home.connected(home.sender).id)


def refusal(act: Callable[[], object]) -> CectrustError:
    with pytest.raises(CectrustError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("minutes", [12, 23 * HOUR])
def test_a_result_counts_long_after_the_time_in_which_it_had_to_be_ordered(home: House, minutes: int) -> None:
    request = home.request(home.sender, home.register().id)
    then = later(home, minutes)
    resumed(then, request)
    assert then.accept(home.sender, request).state is RequestState.ACCEPTED
    assert then.accept(home.sender, request).state is RequestState.ACCEPTED
    assert home.enqueued.count(request.id) == 1
    home.complete(request.id)


def test_a_result_that_comes_over_the_first_connection_counts_however_old_that_is(home: House) -> None:
    """A page may stay open while its person reads for half a day."""
    request = home.request(home.sender, home.register().id)
    assert later(home, 13 * HOUR).accept(home.sender, request).state is RequestState.ACCEPTED
    home.complete(request.id)


def test_a_result_after_the_bridge_had_to_forget_it_is_refused_with_its_reason(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    then = later(home, 25 * HOUR)
    resumed(then, request)
    refused = refusal(lambda: then.accept(home.sender, request))
    assert refused.code == "result_late"
    assert "24 時間" in refused.ja
    assert "sign again" in refused.en


def test_a_result_for_a_contract_that_moved_meanwhile_is_refused(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    upload = Upload(home.document, "第2版.pdf")
    contracts.replace_document(home.sender.actor, home.platform, request.contract_id, upload)
    then = later(home, HOUR)
    resumed(then, request)
    assert refusal(lambda: then.accept(home.sender, request)).code == "changed_meanwhile"


def test_a_certificate_revoked_before_the_result_came_is_refused(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    then = later(home, HOUR)
    with then.revoked(home.sender):
        assert refusal(lambda: then.accept(home.sender, request)).code == "certificate_revoked"


def test_what_was_never_ordered_takes_no_result(home: House) -> None:
    request = home.prepared(home.sender, home.register().id)
    resumed(home, request)
    assert refusal(lambda: home.accept(home.sender, request)).code == "request_not_ordered"


def test_an_order_still_has_to_be_made_within_its_ten_minutes(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    then = later(home, 12)
    with then.platform.reading() as work:
        assert refusal(lambda: Orders(then.platform.clock)(work.session, "sign", request.batch_id)).code == (
            "request_over"
        )
    assert refusal(lambda: then.do(service.note_order, home.sender.actor, request.batch_id)).code == "request_over"
    with later(home, 9).platform.reading() as work:
        assert Orders(Later(9))(work.session, "sign", request.batch_id).op == "sign"


def test_while_its_result_may_come_a_contract_is_shown_with_its_document(home: House) -> None:
    """The page knows by it which row a kept result belongs to."""
    request = home.request(home.sender, home.register().id)
    batch, entries = home.read(service.contents, home.sender.actor, request.batch_id)
    for minutes, shown in [(12, request.document_id), (25 * HOUR, "")]:
        [(_, item)] = shown_batch(entries, batch, Later(minutes).now()).rows
        assert item.document == shown


def test_prepared_copies_stay_until_no_result_can_come(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    for hours, stays in [(23, True), (25, False)]:
        place, sweep = later(home, hours * HOUR).platform, Sweep()
        sweep.run(place)
        sweep.run(place)
        assert ({*keys_of(request)} <= {*home.platform.blobs.walk(BlobArea.WORKING)}) is stays


def test_unknown_revocation_is_said_to_pass_and_the_result_counts_afterwards(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    nobody = RevocationFetcher(home.platform.http, (), home.platform.clock)
    unheard = dataclasses.replace(home, platform=dataclasses.replace(home.platform, revocation=nobody))
    refused = refusal(lambda: unheard.accept(home.sender, request))
    assert isinstance(refused, Unavailable)
    assert status_of(refused) == 503
    assert home.accept(home.sender, request).state is RequestState.ACCEPTED
    home.complete(request.id)


def test_a_signing_goes_on_over_a_new_connection_however_old_the_first_is(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    then = later(home, 13 * HOUR)
    resumed(then, request)
    assert home.read(service.own_batch, home.sender.actor, request.batch_id).connection_id is not None


def test_after_half_a_day_a_signing_still_belongs_to_its_bridge(home: House) -> None:
    request = home.request(home.sender, home.register().id)
    other = dataclasses.replace(home.sender, bridge_key=ec.generate_private_key(ec.SECP256R1()))
    with home.platform.work() as work:
        bridges.register(SYSTEM, work, other.login_id, jose.thumbprint(other.bridge_jwk), other.bridge_jwk)
    then = later(home, 13 * HOUR)
    connection = then.connected(other)
    bind = lambda: then.do(service.bind_connection, home.sender.actor, request.batch_id, connection.id)  # noqa: E731
    assert refusal(bind).code == "another_bridge"
