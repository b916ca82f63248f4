"""kill -9 around every irreversible step: after a restart everything is there exactly once (the one oracle agrees)."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from cectrust import faults, rooms
from cectrust.archive.tables import entries, leaves
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Contract, State
from cectrust.journal import store as journal
from cectrust.sdk.errors import Conflict
from cectrust.signing import service
from tests.faults.conftest import Plant
from tests.support.waiting import until

assert rooms.ROOMS_WITH_TABLES, "importing the rooms declares their failpoints"
ROOMS = tuple(f"{room}." for room in rooms.ROOMS_WITH_TABLES)
OF_WEB_PROCESSES = ("signing.fields.", "signing.prepare.", "signing.accept.", "contracts.confirm.")
STEPS_BEFORE = ("fields", "prepare")
EVERY_DAY = ("signing.embed.after", "signing.validate.after", "signing.seal.before", "signing.seal.after")
"""Around signing, sealing and state: on PostgreSQL too in the everyday run."""


def _case(engine: str, name: str) -> Any:
    marks = [] if engine == "sqlite" or name in EVERY_DAY else [pytest.mark.long]
    return pytest.param(engine, name, marks=marks)


NAMES = [name for name in faults.names() if name.startswith(ROOMS)]
OF_WORKERS = [
    _case(engine, name)
    for engine in ("sqlite", "postgresql")
    for name in NAMES
    if not name.startswith(OF_WEB_PROCESSES)
]


def test_failpoints_stand_around_every_irreversible_step() -> None:
    steps = {name.rpartition(".")[0] for name in NAMES}
    assert steps == {
        *("archive.sequence", "archive.checkpoint", "archive.publish", "contracts.confirm"),
        *("signing.fields", "signing.prepare", "signing.accept"),
        *("signing.embed", "signing.keep", "signing.extend", "signing.validate", "signing.seal", "signing.forget"),
    }


@pytest.mark.parametrize(("plant", "name"), OF_WORKERS, indirect=["plant"])
def test_a_worker_killed_anywhere_completes_the_signature_once_after_its_restart(plant: Plant, name: str) -> None:
    contract = plant.sent()
    plant.accept(plant.home.recipient, contract)
    assert plant.worker(dying_at=name).wait(90) == -signal.SIGKILL
    assert signed(plant.home.contract(contract.id)) <= 2
    plant.worker()
    plant.settle(contract)
    completed_once(plant, contract)


@pytest.mark.parametrize("name", [f"signing.{step}.{side}" for step in STEPS_BEFORE for side in ("before", "after")])
def test_a_web_process_killed_while_it_prepares_is_asked_again_and_signs_once(
    plant: Plant, tmp_path: Path, name: str
) -> None:
    home = plant.home
    contract = home.register()
    batch = home.chosen(home.sender, contract.id)
    told = tmp_path / "told.json"
    told.write_text(json.dumps({"account": home.sender.actor.id, "subject": batch.id}))
    act = ("tests.faults.act", str(plant.processes.settings), "prepare", str(told))
    assert plant.processes.run(*act, dying_at=name) == -signal.SIGKILL
    for _ in range(2):
        assert plant.processes.run(*act) == 0
    home.do(service.bind_connection, home.sender.actor, batch.id, home.connected(home.sender).id)
    home.do(service.note_order, home.sender.actor, batch.id)
    home.accept(home.sender, service.prepare(home.sender.actor, home.platform, batch.id, 0))
    plant.worker()
    plant.settle(contract)
    assert home.contract(contract.id).state is State.SIGNED
    assert [revision.kind for revision in home.contract(contract.id).document.revisions].count("fields") == 1
    assert signed(home.contract(contract.id)) == 1
    plant.until_the_log_stands()
    assert plant.findings() == []


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_web_process_killed_while_it_accepts_leaves_one_effect_when_the_result_is_sent_again(
    plant: Plant, tmp_path: Path, side: str
) -> None:
    contract = plant.sent()
    request = plant.home.request(plant.home.recipient, contract.id)
    told = tmp_path / "told.json"
    result = plant.home.recipient.result(request, plant.home.origin)
    told.write_text(json.dumps({"account": request.account_id, "subject": request.batch_id, "result": result}))
    act = ("tests.faults.act", str(plant.processes.settings), "accept", str(told))
    assert plant.processes.run(*act, dying_at=f"signing.accept.{side}") == -signal.SIGKILL
    for _ in range(2):
        assert plant.processes.run(*act) == 0
    plant.worker()
    plant.settle(contract)
    completed_once(plant, contract)


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_web_process_killed_while_it_confirms_has_confirmed_nothing(plant: Plant, tmp_path: Path, side: str) -> None:
    contract = plant.sent()
    plant.accept(plant.home.recipient, contract)
    plant.worker()
    plant.settle(contract)
    told = tmp_path / "told.json"
    told.write_text(json.dumps({"account": plant.home.sender.actor.id, "subject": contract.id}))
    act = ("tests.faults.act", str(plant.processes.settings), "confirm", str(told))
    assert plant.processes.run(*act, dying_at=f"contracts.confirm.{side}") == -signal.SIGKILL
    assert plant.home.contract(contract.id).state is State.RETURNED
    plant.home.do(contracts.confirm, plant.home.sender.actor, contract.id)
    with pytest.raises(Conflict):
        plant.home.do(contracts.confirm, plant.home.sender.actor, contract.id)
    plant.until_the_log_stands()
    assert sealed(plant, contract, "concluded") == 1
    assert plant.findings() == []


def signed(contract: Contract) -> int:
    return [revision.kind for revision in contract.document.revisions].count("signed")


def sealed(plant: Plant, contract: Contract, event: str) -> int:
    """Entries about this contract that have their leaf."""
    query = select(func.count()).select_from(entries).join(leaves, leaves.c.entry_id == entries.c.id)
    named = (entries.c.number == contract.number) & (entries.c.event == event)
    with plant.home.platform.reading() as work:
        return work.session.scalar(query.where(named)) or 0


def completed_once(plant: Plant, contract: Contract) -> None:
    """The signature, its entry, its journal row and its mail are each there once; the oracle has nothing to say."""
    found = plant.home.contract(contract.id)
    assert found.state is State.RETURNED
    assert signed(found) == 2
    plant.until_the_log_stands()
    assert sealed(plant, contract, "signed") == 2
    with plant.home.platform.reading() as work:
        acts = [act.act for act in journal.about(work.session, contract.id)]
    assert acts.count("contract.returned") == 1
    until(lambda: len(plant.mails_about(contract, "返送")) == 1)
    assert plant.findings() == []
