"""Jobs run alone: none stops another, and stopping waits for what is under way."""

from __future__ import annotations

import threading

import pytest
import structlog

from cectrust import scheduler as scheduling
from cectrust.scheduler import Scheduler, run_once
from cectrust.sdk.errors import Unavailable
from cectrust.sdk.protocols import Job


def job(name: str, run: object, every: int = 3600) -> dict[str, Job]:
    assert callable(run)
    return {name: Job(name, every, run)}


def test_a_failing_job_is_an_alarm_and_the_others_go_on() -> None:
    ran = threading.Event()

    def fail() -> None:
        raise ZeroDivisionError

    with structlog.testing.capture_logs() as logs:
        scheduler = Scheduler(job("bad", fail) | job("good", ran.set))
        scheduler.start()
        assert ran.wait(10)
        scheduler.stop()
    assert [(entry["job"], entry["alarm"]) for entry in logs if "alarm" in entry] == [("bad", True)]


def test_a_failing_job_runs_again_at_its_next_time() -> None:
    again, count = threading.Event(), []

    def fail_twice() -> None:
        count.append(1)
        if len(count) < 3:
            raise ZeroDivisionError
        again.set()

    scheduler = Scheduler(job("bad", fail_twice, every=0))
    scheduler.start()
    assert again.wait(10)
    scheduler.stop()


def test_an_unavailable_partner_is_told_and_is_no_alarm() -> None:
    def fail() -> None:
        raise Unavailable("tsa_down", "応答がありません。", "No answer.")

    with structlog.testing.capture_logs() as logs:
        assert not run_once("log", Job("log", 1, fail))
    assert [(entry["event"], "alarm" in entry) for entry in logs] == [("job.unavailable", False)]


def test_a_job_that_succeeds_says_so_to_its_caller() -> None:
    assert run_once("ok", Job("ok", 1, lambda: None))


def test_stopping_waits_for_the_job_that_is_running() -> None:
    started = threading.Event()
    ended: list[bool] = []

    def slow() -> None:
        started.set()
        stopping.wait(10)
        ended.append(True)

    stopping = threading.Event()
    scheduler = Scheduler(job("slow", slow))
    scheduler.start()
    assert started.wait(10)
    stopping.set()
    scheduler.stop()
    assert ended == [True]


def test_jobs_that_do_not_end_are_waited_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent authority and a silent mail server at once; the supervisor would kill a worker that waited for each."""
    monkeypatch.setattr(scheduling, "STOP_SECONDS", 0.3)
    started, released = threading.Barrier(9), threading.Event()

    def silent() -> None:
        started.wait()
        released.wait()

    scheduler = Scheduler({f"silent-{n}": Job(f"silent-{n}", 3600, silent) for n in range(8)})
    scheduler.start()
    started.wait()
    waited: list[float | None] = []
    join = threading.Thread.join

    def noted(thread: threading.Thread, timeout: float | None = None) -> None:
        waited.append(timeout)
        join(thread, timeout)

    monkeypatch.setattr(threading.Thread, "join", noted)
    scheduler.stop()
    released.set()
    assert len(waited) == 8
    assert [seconds for seconds in waited[1:] if seconds] == []
