"""A store that fails while a signature is completed delays it: what was accepted is never lost (decision 080)."""

from __future__ import annotations

import dataclasses

import pytest

from cectrust.blobs.service import Blobs
from cectrust.contracts.model import State
from cectrust.sdk.errors import Unavailable
from cectrust.signing import service
from cectrust.signing.model import RequestState
from tests.support.faulty_store import FAULTS, FaultyStore
from tests.support.house import House

WRITES = ("embedded", "extended", "original", "the partner's original")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("write", WRITES)
def test_an_accepted_signature_outlives_a_store_that_fails(home: House, write: str, fault: str) -> None:
    request = home.accept(home.sender, home.request(home.sender, home.register().id))
    before = home.platform
    store = FaultyStore(before.blobs._store.root, fault, WRITES.index(write) + 1)
    home.platform = dataclasses.replace(before, blobs=Blobs(store))
    try:
        with pytest.raises(Unavailable):
            home.complete(request.id)
        found = home.read(service.own_request, home.sender.actor, request.id)
        assert (found.state, found.failure_ja) == (RequestState.ACCEPTED, "")
        home.complete(request.id)
    finally:
        home.platform = before
    assert home.contract(request.contract_id).state is State.SIGNED
