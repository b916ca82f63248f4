"""A time-stamping authority that misbehaves delays a signature and never loses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cectrust.contracts.model import State
from cectrust.signing.model import SigningRequest
from cectrust.supervisor import STOP_SECONDS
from tests.faults.conftest import Plant
from tests.support.waiting import until


@pytest.mark.parametrize("mood", ["refusing", "garbage", "silent", "wrong root"])
def test_a_signature_is_completed_when_the_authority_is_back(plant: Plant, mood: str) -> None:
    plant.stop_worker()
    contract = plant.home.register()
    often = 5 if mood == "wrong root" else 1  # such a token is an answer: only asking again shows that it was not kept
    with plant.relay.behaving(mood):
        plant.accept(plant.home.sender, contract)
        plant.worker()
        until(lambda: plant.relay.asked >= often)
        assert plant.home.contract(contract.id).accepting_request_id
        assert plant.home.contract(contract.id).state is State.DRAFT
    plant.settle(contract)
    assert plant.home.contract(contract.id).state is State.SIGNED
    plant.until_the_log_stands()
    assert plant.findings() == []


@pytest.mark.parametrize(("mood", "questions"), [("garbage", 5), ("silent", 1)])
def test_a_worker_ends_when_asked_though_a_step_waits_for_the_authority(
    plant: Plant, mood: str, questions: int
) -> None:
    plant.stop_worker()
    contract = plant.home.register()
    with plant.relay.behaving(mood):
        plant.accept(plant.home.sender, contract)
        worker = plant.worker()
        until(lambda: plant.relay.asked >= questions)
        worker.terminate()
        assert worker.wait(STOP_SECONDS) == 0  # the supervisor kills it then
    plant.worker()
    plant.settle(contract)


def test_an_administrator_sees_a_failed_completion_and_has_it_tried_again(plant: Plant) -> None:
    """A working copy was lost from the store, and is put back from a copy of it."""
    plant.stop_worker()
    contract = plant.home.register()
    request = plant.accept(plant.home.sender, contract)
    with _lost(_working_copy(plant, request)):
        plant.worker()
        until(lambda: f"failed signing.complete {request.id} {contract.number}" in plant.said("work", "failed"))
        assert any(request.id in finding for finding in plant.findings())
    assert request.id in plant.said("work", "retry", request.id)
    plant.settle(contract)
    assert plant.home.contract(contract.id).state is State.SIGNED
    assert request.id not in plant.said("work", "failed")


def test_an_administrator_gives_back_what_waits_for_an_authority_that_is_gone(plant: Plant) -> None:
    plant.stop_worker()
    contract = plant.home.register()
    with plant.relay.behaving("refusing"):
        request = plant.accept(plant.home.sender, contract)
        plant.worker()
        until(lambda: plant.relay.asked >= 1)
        assert request.id in plant.said("work", "give-back", request.id, "--reason", "時刻認証局の廃業")
        assert plant.home.contract(contract.id).accepting_request_id is None
    plant.until_the_log_stands()
    assert plant.home.contract(contract.id).state is State.DRAFT
    assert plant.findings() == []


@contextmanager
def _lost(path: Path) -> Iterator[None]:
    kept = path.rename(path.with_suffix(".kept"))
    try:
        yield
    finally:
        kept.rename(path)


def _working_copy(plant: Plant, request: SigningRequest) -> Path:
    """Where the store keeps what waits for its signature."""
    root = plant.home.platform.settings.data_dir
    (found,) = (path for path in root.rglob(f"*{request.prepared.file_sha256[4:]}*") if path.is_file())
    return found
