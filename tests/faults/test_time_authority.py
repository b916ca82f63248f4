"""A time-stamping authority that misbehaves delays a signature and never loses it."""

from __future__ import annotations

import pytest

from cectrust.contracts.model import State
from tests.faults.conftest import Plant
from tests.faults.processes import until


@pytest.mark.parametrize("mood", ["refusing", "garbage", "silent"])
def test_a_signature_is_completed_when_the_authority_is_back(plant: Plant, mood: str) -> None:
    contract = plant.home.register()
    plant.relay.mood, plant.relay.asked = mood, 0
    plant.accept(plant.home.sender, contract)
    plant.worker()
    until(lambda: plant.relay.asked >= 1)
    assert plant.home.contract(contract.id).accepting_request_id
    assert plant.home.contract(contract.id).state is State.DRAFT
    plant.relay.mood = ""
    plant.settle(contract)
    assert plant.home.contract(contract.id).state is State.SIGNED
    plant.until_the_log_stands()
    assert plant.findings() == []
