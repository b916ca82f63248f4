"""What was enqueued is done exactly once, whatever dies on the way."""

from __future__ import annotations

import base64
import os
import pickle
import signal
from pathlib import Path

import pytest
from dbos._serialization import DBOSDefaultSerializer
from sqlalchemy import ColumnClause, TableClause, column, func, select, text, update
from sqlalchemy import table as sql_table

from cectrust.clock import new_id
from cectrust.platform import Platform
from cectrust.sdk.errors import Conflict, NotFound
from cectrust.workflows import engine, failures, recovery
from tests.support.waiting import until
from tests.workflows import jobs
from tests.workflows.conftest import Start


def enqueue(platform: Platform, workflow: str, count: int = 1) -> list[str]:
    ids = [new_id(platform.clock) for _ in range(count)]
    with platform.work() as work:
        for each in ids:
            work.enqueue(work.session, workflow, each)
    return ids


def rows(platform: Platform) -> list[tuple[str, str]]:
    with platform.reading() as work:
        return [(row.id, row.step) for row in work.session.execute(select(jobs.done))]


def workflow_status(platform: Platform) -> TableClause:
    columns: list[ColumnClause[str]] = [column(name) for name in ("workflow_uuid", "status", "inputs", "serialization")]
    return sql_table("workflow_status", *columns, schema=None if platform.database.is_sqlite else "dbos")


def status(platform: Platform, workflow_id: str) -> str:
    t = workflow_status(platform)
    with platform.reading() as work:
        return str(work.session.scalar(select(t.c.status).where(t.c.workflow_uuid == workflow_id)))


def dump(platform: Platform) -> str:
    """Everything the workflow tables hold, as text."""
    schema = "" if platform.database.is_sqlite else "dbos."
    with platform.reading() as work:
        tables = [f"{schema}{name}" for name in ("workflow_status", "operation_outputs", "datasource_outputs")]
        return repr([work.session.execute(text(f"SELECT * FROM {name}")).all() for name in tables])  # noqa: S608


def test_fifty_jobs_are_done_once_each_though_the_worker_is_killed_midway(
    platform: Platform, start_worker: Start
) -> None:
    ids = enqueue(platform, "test.job", 50)
    worker = start_worker()
    until(lambda: len(rows(platform)) >= 30)
    worker.kill()
    worker.wait()
    assert len(rows(platform)) < 100
    start_worker()
    until(lambda: all(status(platform, each) == "SUCCESS" for each in ids))
    assert sorted(rows(platform)) == sorted((each, step) for each in ids for step in ("first", "third"))


@pytest.mark.parametrize("place", ["test.second.before", "test.second.after"])
def test_a_worker_killed_around_an_outside_step_goes_on_where_it_was(
    platform: Platform, start_worker: Start, place: str
) -> None:
    (job,) = enqueue(platform, "test.job")
    assert start_worker(CECTRUST_FAILPOINT=place).wait() == -signal.SIGKILL
    assert rows(platform) == [(job, "first")]
    start_worker()
    until(lambda: status(platform, job) == "SUCCESS")
    assert rows(platform) == [(job, "first"), (job, "third")]


def test_another_machine_takes_over_the_work_of_a_dead_one(platform: Platform, start_worker: Start) -> None:
    (job,) = enqueue(platform, "test.job")
    dying = {"CECTRUST_FAILPOINT": "test.second.after", "CECTRUST_WORKFLOWS__EXECUTOR_ID": "worker-2"}
    assert start_worker(**dying).wait() == -signal.SIGKILL
    start_worker(CECTRUST_WORKFLOWS__HEARTBEAT_SECONDS="1", CECTRUST_WORKFLOWS__DEAD_AFTER_SECONDS="2")
    until(lambda: status(platform, job) == "SUCCESS")
    assert rows(platform) == [(job, "first"), (job, "third")]


def test_a_transaction_that_rolls_back_starts_nothing(platform: Platform, start_worker: Start) -> None:
    abandoned = new_id(platform.clock)
    with pytest.raises(RuntimeError), platform.work() as work:
        work.enqueue(work.session, "test.job", abandoned)
        raise RuntimeError
    (job,) = enqueue(platform, "test.job")
    start_worker()
    until(lambda: status(platform, job) == "SUCCESS")
    assert abandoned not in {each for each, _ in rows(platform)}


def test_the_same_id_enqueued_twice_runs_once(platform: Platform, start_worker: Start) -> None:
    (job,) = enqueue(platform, "test.job")
    with platform.work() as work:
        work.enqueue(work.session, "test.job", job)
    start_worker()
    until(lambda: status(platform, job) == "SUCCESS")
    assert len(rows(platform)) == 2


def test_an_outside_step_is_tried_again_while_its_partner_is_unavailable(
    platform: Platform, start_worker: Start
) -> None:
    (job,) = enqueue(platform, "test.flaky")
    start_worker()
    until(lambda: status(platform, job) == "SUCCESS")
    assert (platform.settings.data_dir / "tries").read_text() == "xxx"


def test_a_full_disk_delays_an_outside_step_and_ends_nothing(platform: Platform, start_worker: Start) -> None:
    (job,) = enqueue(platform, "test.full")
    start_worker()
    until(lambda: status(platform, job) == "SUCCESS")
    assert rows(platform) == [(job, "done")]


def test_what_waits_for_a_partner_takes_nobodys_place(platform: Platform, start_worker: Start) -> None:
    waiting = enqueue(platform, "test.never", 3)
    start_worker(CECTRUST_WORKFLOWS__CONCURRENCY="1")
    until(lambda: all((platform.settings.data_dir / f"{each}.asked").exists() for each in waiting))
    (job,) = enqueue(platform, "test.job")
    until(lambda: status(platform, job) == "SUCCESS")
    assert {status(platform, each) for each in waiting} == {"PENDING"}


def test_pauses_grow_to_a_quarter_of_an_hour_and_never_end() -> None:
    pauses = [engine.pause_after(attempt) for attempt in range(3000)]
    assert pauses[:4] == [0.5, 1, 2, 4]
    assert pauses == sorted(pauses)
    assert {*pauses[12:]} == {900}
    assert sum(pauses) > 3 * 24 * 3600  # longer than a weekend


def test_an_administrator_has_a_failed_step_tried_again_and_nothing_is_done_twice(
    platform: Platform, start_worker: Start
) -> None:
    (job,) = enqueue(platform, "test.mended")
    start_worker()
    until(lambda: status(platform, job) == "ERROR")
    assert [failed.id for failed in failures(platform.database)] == [job]
    (platform.settings.data_dir / f"{job}.mended").touch()
    with platform.work() as work:
        recovery.retry(work.session, job)
    until(lambda: status(platform, job) == "SUCCESS")
    assert rows(platform) == [(job, "first"), (job, "done")]
    assert failures(platform.database) == []


def test_only_what_failed_is_tried_again(platform: Platform, start_worker: Start) -> None:
    (job,) = enqueue(platform, "test.job")
    start_worker()
    until(lambda: status(platform, job) == "SUCCESS")
    with platform.work() as work:
        with pytest.raises(Conflict):
            recovery.retry(work.session, job)
        with pytest.raises(NotFound):
            recovery.retry(work.session, "0" * 32)
    assert status(platform, job) == "SUCCESS"


def test_a_refusal_is_the_same_error_after_a_crash(platform: Platform, start_worker: Start) -> None:
    (job,) = enqueue(platform, "test.refused")
    assert start_worker(CECTRUST_FAILPOINT="test.give_back.after").wait() == -signal.SIGKILL
    start_worker()
    until(lambda: status(platform, job) == "SUCCESS")
    assert rows(platform) == [(job, "not_a_pdf"), (job, "PDF ではありません。")]
    assert "secret" not in dump(platform)


@pytest.mark.parametrize("workflow", ["test.telling", "test.talkative"])
def test_neither_words_of_an_error_nor_values_reach_the_workflow_tables(
    platform: Platform, start_worker: Start, workflow: str
) -> None:
    (job,) = enqueue(platform, workflow)
    start_worker()
    until(lambda: status(platform, job) == "ERROR")
    kept = dump(platform)
    assert "step_failed" in kept
    assert "1234" not in kept
    assert "百万円" not in kept


class Bomb:
    """What an attacker who can write a row would plant: unpickling creates a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.open, (str(self.path), os.O_CREAT | os.O_WRONLY)


def test_a_planted_pickle_is_not_executed(platform: Platform, start_worker: Start, tmp_path: Path) -> None:
    planted, honest = enqueue(platform, "test.job", 2)
    t = workflow_status(platform)
    bomb = base64.b64encode(pickle.dumps({"args": (Bomb(tmp_path / "executed"),), "kwargs": {}})).decode()
    with platform.work() as work:
        values = {"inputs": bomb, "serialization": "py_pickle"}
        work.session.execute(update(t).where(t.c.workflow_uuid == planted).values(values))
    start_worker()
    until(lambda: status(platform, honest) == "SUCCESS")
    until(lambda: status(platform, planted) != "ENQUEUED")
    assert not (tmp_path / "executed").exists()
    assert {each for each, _ in rows(platform)} == {honest}


def test_pickle_is_refused_for_reading_and_writing() -> None:
    with pytest.raises(engine.PickleRefused):
        DBOSDefaultSerializer.deserialize("gASVAAAA")
    with pytest.raises(engine.PickleRefused):
        DBOSDefaultSerializer.serialize("x")


def test_a_second_worker_with_the_same_id_does_not_start(platform: Platform, start_worker: Start) -> None:
    start_worker()
    with pytest.raises(AssertionError):
        start_worker()


def test_sigterm_ends_a_worker_cleanly_and_removes_its_heartbeat(platform: Platform, start_worker: Start) -> None:
    worker = start_worker()
    worker.terminate()
    assert worker.wait(30) == 0
    with platform.reading() as work:
        assert work.session.scalar(select(func.count()).select_from(text("workflow_heartbeats"))) == 0
