"""The oracle itself: what was damaged by hand is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from cectrust.archive.tables import leaves
from cectrust.contracts.model import Contract
from cectrust.contracts.tables import contracts, slots
from cectrust.signing.tables import requests
from tests.faults.conftest import Plant
from tests.support.attacks import flipped


@pytest.fixture(scope="module")
def contract(plant: Plant) -> Contract:
    """Signed by its sender and sent; everything about it is in order."""
    found = plant.sent()
    plant.worker()
    plant.until_the_log_stands()
    plant.stop_worker()
    assert plant.findings() == []
    assert plant.processes.run("cectrust", "doctor", "--deep") == 0
    return found


@contextmanager
def changed(plant: Plant, table: Any, row_id: str, **values: Any) -> Iterator[None]:
    """One row with other values, as somebody with the database's password would leave it."""
    with plant.home.platform.work() as work:
        before = work.session.execute(select(table).where(table.c.id == row_id)).one()._asdict()
        work.session.execute(update(table).where(table.c.id == row_id).values(values))
    try:
        yield
    finally:
        with plant.home.platform.work() as work:
            work.session.execute(update(table).where(table.c.id == row_id).values({n: before[n] for n in values}))


@contextmanager
def byte_changed(path: Path, at: int) -> Iterator[None]:
    """One bit of the stored file is another one meanwhile."""
    data, mode = path.read_bytes(), path.stat().st_mode
    path.chmod(0o600)
    path.write_bytes(flipped(data, at))
    try:
        yield
    finally:
        path.write_bytes(data)
        path.chmod(mode)


@contextmanager
def first_leaf_deleted(plant: Plant) -> Iterator[None]:
    with plant.home.platform.work() as work:
        row = work.session.execute(select(leaves).order_by(leaves.c.index)).first()
        assert row is not None
        work.session.execute(delete(leaves).where(leaves.c.index == row.index))
    try:
        yield
    finally:
        with plant.home.platform.work() as work:
            work.session.execute(insert(leaves).values(row._asdict()))


def codes(plant: Plant) -> set[str]:
    return {finding.partition(" ")[0] for finding in plant.findings()}


def copies(plant: Plant, digest: str) -> list[Path]:
    """Every company's own original with this digest."""
    return [path for path in plant.home.platform.settings.data_dir.rglob(digest) if "originals" in path.parts]


@pytest.mark.parametrize("kind", ["uploaded", "fields", "signed"])
def test_T17_one_changed_byte_of_any_revision_is_found(plant: Plant, contract: Contract, kind: str) -> None:
    revision = next(found for found in contract.document.revisions if found.kind == kind)
    found = copies(plant, revision.digest)
    assert len(found) == (2 if kind == "signed" else 1)
    for path in found:
        with byte_changed(path, -20):
            assert "blob_broken" in codes(plant)
    assert plant.findings() == []


def test_the_command_fails_when_a_byte_changed(plant: Plant, contract: Contract) -> None:
    with byte_changed(copies(plant, contract.document.current.digest)[0], -1):
        assert plant.processes.run("cectrust", "doctor", "--deep") == 1


def test_a_deleted_leaf_is_found(plant: Plant, contract: Contract) -> None:
    with first_leaf_deleted(plant):
        assert "leaf_missing" in codes(plant)


def test_a_slot_marked_signed_by_hand_is_found(plant: Plant, contract: Contract) -> None:
    mine, theirs = contract.document.slots
    forged = {"signed_at": mine.signed_at, "signer": "工務 太郎", "revision_id": mine.revision_id}
    with changed(plant, slots, theirs.id, **forged):
        assert {"revisions_differ", "signature_without_request", "signers_differ"} <= codes(plant)


def test_another_signer_in_the_rows_than_in_the_file_is_found(plant: Plant, contract: Contract) -> None:
    with changed(plant, slots, contract.document.slots[0].id, signer="工務 太郎"):
        assert {"signature_without_request", "signers_differ"} <= codes(plant)


def test_a_contract_marked_concluded_by_hand_is_found(plant: Plant, contract: Contract) -> None:
    with changed(plant, contracts, contract.id, state="concluded"):
        assert {"conclusion_differs", "concluded_unsigned"} <= codes(plant)


def test_an_acceptance_that_nobody_completes_is_found(plant: Plant, contract: Contract) -> None:
    prepared = plant.home.request(plant.home.recipient, contract.id)
    with changed(plant, requests, prepared.id, state="accepted"):
        assert {"acceptance_differs", "completion_missing"} <= codes(plant)
