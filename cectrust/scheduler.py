"""What the worker does again and again: each job alone in its own thread, so that none can stop another."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import structlog

from cectrust.sdk.errors import Unavailable
from cectrust.sdk.protocols import Job

log = structlog.get_logger(__name__)
STOP_SECONDS = 10.0


class Scheduler:
    """Runs jobs until stopped. A job that fails is an alarm in the log and runs again at its next time."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self._stopped = threading.Event()
        self._deadline = 0.0
        self._threads = [
            threading.Thread(target=self._run, args=(name, job), name=f"job-{name}", daemon=True)
            for name, job in jobs.items()
        ]

    def start(self) -> None:
        """Every job runs at once and then at its interval."""
        for thread in self._threads:
            thread.start()

    def ask_to_stop(self) -> None:
        """No job begins any more; returns at once."""
        self._stopped.set()
        self._deadline = time.monotonic() + STOP_SECONDS

    def stop(self) -> None:
        """Waits for running jobs, all of them together ``STOP_SECONDS`` from when the scheduler was first asked."""
        if not self._stopped.is_set():
            self.ask_to_stop()
        for thread in self._threads:
            thread.join(max(0.0, self._deadline - time.monotonic()))

    def _run(self, name: str, job: Job) -> None:
        while not self._stopped.is_set():
            run_once(name, job)
            self._stopped.wait(job.every_seconds)


def run_once(name: str, job: Job) -> bool:
    """Run one job now; whether it succeeded. Never raises."""
    try:
        job.run()
    except Unavailable as error:
        log.warning("job.unavailable", job=name, code=error.code, detail=error.detail)
    except Exception:
        log.exception("job.failed", job=name, alarm=True)
    else:
        return True
    return False
