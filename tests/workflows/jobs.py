"""A worker process for the tests, and the workflows it knows."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, insert

from cectrust.ending import Ending
from cectrust.faults import arm, declare, failpoint
from cectrust.platform import Platform, compose
from cectrust.plugins import load_plugins
from cectrust.sdk.errors import InputRefused, Unavailable
from cectrust.settings import load_settings
from cectrust.work import Work
from cectrust.workflows import Reference, Steps, registered, workflow
from cectrust.workflows.worker import Worker

metadata = MetaData()
declare("test.second", "test.give_back")
done = Table("test_jobs_done", metadata, Column("id", String(32)), Column("step", String(16)))


def _mark(work: Work, job: str, step: str) -> None:
    work.session.execute(insert(done).values(id=job, step=step))


@workflow("test.job")
def job(steps: Steps, job_id: str) -> None:
    """Two transactional steps (a row each, no uniqueness to help) around an outside one (idempotent by name)."""

    def outside(platform: Platform) -> Reference:
        failpoint("test.second.before")
        (platform.settings.data_dir / f"{job_id}.done").touch()
        failpoint("test.second.after")
        return job_id

    steps.transaction("first", lambda work: _mark(work, job_id, "first"))
    steps.outside("second", outside)
    steps.transaction("third", lambda work: _mark(work, job_id, "third"))


@workflow("test.flaky")
def flaky(steps: Steps, job_id: str) -> None:
    """Its outside partner answers at the third attempt."""

    def outside(platform: Platform) -> Reference:
        tries = platform.settings.data_dir / "tries"
        with tries.open("a") as file:
            file.write("x")
        if tries.stat().st_size < 3:
            raise Unavailable("tsa_down", "応答がありません。", "No answer.")
        return None

    steps.outside("partner", outside)
    steps.transaction("done", lambda work: _mark(work, job_id, "done"))


@workflow("test.full")
def full(steps: Steps, job_id: str) -> None:
    """The disk is full at the first attempt."""

    def outside(platform: Platform) -> Reference:
        tried = platform.settings.data_dir / f"{job_id}.tried"
        if not tried.exists():
            tried.touch()
            raise OSError(errno.ENOSPC, "No space left on device")
        return None

    steps.outside("writing", outside)
    steps.transaction("done", lambda work: _mark(work, job_id, "done"))


@workflow("test.never")
def never(steps: Steps, job_id: str) -> None:
    """Its partner never answers."""

    def outside(platform: Platform) -> Reference:
        (platform.settings.data_dir / f"{job_id}.asked").touch()
        raise Unavailable("tsa_down", "応答がありません。", "No answer.")

    steps.outside("partner", outside)


@workflow("test.mended")
def mended(steps: Steps, job_id: str) -> None:
    """Fails until an administrator has put something in its place."""

    def outside(platform: Platform) -> Reference:
        if not (platform.settings.data_dir / f"{job_id}.mended").exists():
            raise ValueError("not there")
        return None

    steps.transaction("first", lambda work: _mark(work, job_id, "first"))
    steps.outside("reading", outside)
    steps.transaction("done", lambda work: _mark(work, job_id, "done"))


@workflow("test.refused")
def refused(steps: Steps, job_id: str) -> None:
    """A step refuses its input; the workflow answers to that, and dies once after the refusal was recorded."""

    def outside(_platform: Platform) -> Reference:
        raise InputRefused("not_a_pdf", "PDF ではありません。", "Not a PDF.", detail="secret")

    try:
        steps.outside("judge", outside)
    except InputRefused as refusal:
        code, words = refusal.code, refusal.ja
        steps.transaction("give_back", lambda work: _mark(work, job_id, code))
        failpoint("test.give_back.after")
        steps.transaction("tell", lambda work: _mark(work, job_id, words))


@workflow("test.telling")
def telling(steps: Steps, job_id: str) -> None:
    """A step that fails with a secret in its words."""

    def outside(_platform: Platform) -> Reference:
        raise ValueError("PIN 1234")

    steps.outside("failing", outside)


@workflow("test.talkative")
def talkative(steps: Steps, job_id: str) -> None:
    """A step that returns more than a reference."""
    steps.outside("speaking", lambda _platform: "株式会社甲の契約金額は百万円")


def main(settings: str) -> None:
    """Run until SIGTERM; says ``ready`` when it executes."""
    platform = compose(load_settings(Path(settings)), plugins=load_plugins(installed=[]))
    arm(test_mode=platform.settings.test_mode)
    worker = Worker(platform, registered())
    ending = Ending()
    worker.start()
    print("ready", os.getpid(), flush=True)
    ending.wait()
    worker.stop()
    platform.close()


if __name__ == "__main__":
    main(sys.argv[1])
