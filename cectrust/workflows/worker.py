"""The process that executes workflows, takes over those of the dead, and gives way when it is dead itself."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

import structlog
from dbos import DBOS

from cectrust.sdk.errors import Conflict
from cectrust.sdk.protocols import Instant
from cectrust.workflows import engine, store
from cectrust.workflows.registry import WorkflowFunction
from cectrust.workflows.steps import RecordedSteps, bind

if TYPE_CHECKING:
    from cectrust.platform import Platform

log = structlog.get_logger(__name__)
DRAIN_SECONDS = 10
EXIT_FENCED = 75
"""Exit status (EX_TEMPFAIL) of a worker that was silent so long that another took its work."""


class Worker:
    """One executor. ``start`` returns once it executes; ``stop`` lets running steps end for ``DRAIN_SECONDS``."""

    def __init__(self, platform: Platform, functions: Mapping[str, WorkflowFunction]) -> None:
        self._platform = platform
        self._functions = functions
        self._settings = platform.settings.workflows
        self._stopped = threading.Event()
        self._last_beat: Instant | None = None
        self._lock: IO[bytes] | None = None

    def start(self) -> None:
        """Raises ``Conflict`` if a worker with this ``executor_id`` already runs on this machine."""
        self._lock = _lock(self._platform.settings.data_dir, self._settings.executor_id)
        self.beat()
        engine.configure(self._platform.database, self._settings.executor_id, self._settings.concurrency)
        steps = RecordedSteps(self._platform, engine.datasource(self._platform.database))
        for name, function in self._functions.items():
            bind(name, function, steps)
        DBOS.listen_queues([engine.QUEUE])
        DBOS.launch()
        DBOS.register_queue(
            engine.QUEUE,
            worker_concurrency=self._settings.concurrency + engine.WAITING,
            polling_interval_sec=engine.POLL_SECONDS,
            on_conflict="always_update",
        )
        threading.Thread(target=self._live, name="heartbeat", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=DRAIN_SECONDS)
        with self._platform.database.transaction() as session:
            store.forget(session, self._settings.executor_id)
        if self._lock:
            self._lock.close()

    def beat(self) -> None:
        """Say that this executor lives; a worker that was taken for dead must not go on beside its successor."""
        now = self._platform.clock.now()
        if self._last_beat is not None and now - self._last_beat > self._dead_after:
            log.error("worker.fenced", executor_id=self._settings.executor_id, alarm=True)
            os._exit(EXIT_FENCED)
        with self._platform.database.transaction() as session:
            store.beat(session, self._settings.executor_id, now)
        self._last_beat = now

    def sweep(self) -> list[str]:
        """Put the work of executors without a recent heartbeat back into the queue; returns their ids.

        Safe to run twice and by several workers: only a workflow that still belongs to the dead one moves.
        """
        since = Instant(self._platform.clock.now() - self._dead_after)
        with self._platform.database.reading() as session:
            alive = store.alive(session, since)
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        dead = sorted({w.executor_id for w in pending if w.executor_id} - alive)
        if dead:
            log.warning("worker.takes_over", executors=dead, alarm=True)
            DBOS._recover_pending_workflows(dead)
        return dead

    @property
    def _dead_after(self) -> int:
        return self._settings.dead_after_seconds * 1_000_000

    def _live(self) -> None:
        while not self._stopped.wait(self._settings.heartbeat_seconds):
            try:
                self.beat()
                self.sweep()
            except Exception:  # the next beat tries again; silence for too long ends the process
                log.exception("worker.heartbeat_failed", alarm=True)


def _lock(data_dir: Path, executor_id: str) -> IO[bytes]:
    """An advisory lock that the kernel drops with the process, kill -9 included."""
    path = data_dir / f"worker-{executor_id}.lock"
    file = path.open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Conflict(
            "worker_running",
            f"同じ executor_id（{executor_id}）のワーカーがすでに動いています。",
            f"A worker with the executor_id {executor_id} already runs.",
        ) from None
    return file
