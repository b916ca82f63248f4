"""How a registered workflow runs on DBOS."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog
from dbos import DBOS, PortableWorkflowError, SQLAlchemyDatasource
from dbos._error import DBOSMaxStepRetriesExceeded
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from cectrust.sdk.errors import (
    CectrustError,
    Conflict,
    Forbidden,
    InputRefused,
    IntegrityBroken,
    Misconfigured,
    Unavailable,
)
from cectrust.work import Work
from cectrust.workflows import engine
from cectrust.workflows.registry import Reference, WorkflowFunction, reference

if TYPE_CHECKING:
    from cectrust.platform import Platform

log = structlog.get_logger(__name__)
_KINDS: dict[str, type[CectrustError]] = {
    kind.__name__: kind for kind in (CectrustError, Conflict, Forbidden, InputRefused, IntegrityBroken, Misconfigured)
}
"""Errors that a workflow may tell apart after a replay; others come back as ``CectrustError``."""
_PASSING = (Unavailable, Misconfigured, OSError, OperationalError, InterfaceError)
"""What passes without the workflow's doing: partner, settings, disk, database."""


class RecordedSteps:
    """``cectrust.workflows.Steps`` with every result recorded."""

    def __init__(self, platform: Platform, datasource: SQLAlchemyDatasource) -> None:
        self._platform = platform
        self._datasource = datasource
        self.places = threading.BoundedSemaphore(platform.settings.workflows.concurrency)
        """One for each workflow that acts; held from its start to its end, but not while it waits."""
        # What the rest of the product runs at: SQLite knows only one, PostgreSQL's default is the other.
        self._isolation: Any = "SERIALIZABLE" if platform.database.is_sqlite else "READ COMMITTED"

    def transaction(self, name: str, use: Callable[[Work], Reference]) -> Reference:
        def inside() -> Reference:
            return _recordable(name, lambda: use(self._platform.work_in(self._datasource.sql_session())))

        options: Any = {"name": name, "isolation_level": self._isolation}
        with _as_it_was(name):
            return self._datasource.run_tx_step(options, inside)

    def outside(self, name: str, act: Callable[[Any], Reference]) -> Reference:
        with _as_it_was(name):
            return DBOS.run_step({"name": name}, lambda: self._until_it_answers(name, act))

    def _until_it_answers(self, name: str, act: Callable[[Any], Reference]) -> Reference:
        """Try for as long as it takes: an accepted signature outlasts a weekend, and a full disk is emptied."""
        for attempt in itertools.count():
            try:
                return _recordable(name, lambda: act(self._platform), _PASSING)
            except _PASSING as error:
                pause = engine.pause_after(attempt)
                words = {"code": _code(error), "detail": getattr(error, "detail", "") or type(error).__name__}
                alarm = pause >= engine.ALARM_PAUSE
                log.warning("step.waits", step=name, attempt=attempt + 1, seconds=pause, alarm=alarm, **words)
            self._wait(pause)
        raise AssertionError("unreachable")

    def _wait(self, seconds: float) -> None:
        self.places.release()
        try:
            time.sleep(seconds)
        finally:
            self.places.acquire()


def bind(name: str, function: WorkflowFunction, steps: RecordedSteps) -> None:
    """Tell DBOS what ``name`` stands for in this process."""

    def run(work_id: str) -> None:
        try:
            with steps.places:
                function(steps, work_id)
        except Exception as error:
            log.error("workflow.failed", workflow=name, id=work_id, code=_code(error), alarm=True)
            raise

    run.__qualname__ = run.__name__ = name
    DBOS.workflow(name=name)(run)


class StepFailed(CectrustError):
    """A step ended with an error that nobody foresaw; its words stay in the log, because tables keep this one."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__(
            "step_failed", f"処理「{name}」が失敗しました（{kind}）。", f"The step {name} failed ({kind})."
        )


def _recordable(
    name: str, act: Callable[[], Reference], passing: tuple[type[Exception], ...] = (Unavailable, DBAPIError)
) -> Reference:
    """Run a step so that its error can lie in the workflow tables: class, code and sentences, never ``detail``.

    ``passing`` errors are not recorded: they are tried again, here or by DBOS after a lost connection.
    """
    try:
        return reference(act())
    except passing:
        raise
    except CectrustError as error:
        raise _portable(error) from error
    except Exception as error:
        log.exception("step.failed", step=name, alarm=True)
        raise _portable(StepFailed(name, type(error).__name__)) from error


def _portable(error: CectrustError) -> PortableWorkflowError:
    kind = next(c.__name__ for c in type(error).__mro__ if c.__name__ in _KINDS)
    # The kind goes into ``data``: DBOS records the exception's class as its name, whatever name it was given.
    return PortableWorkflowError(str(error), kind, error.code, {"kind": kind, "ja": error.ja, "en": error.en})


@contextmanager
def _as_it_was(name: str) -> Iterator[None]:
    """The same error for the workflow, whether the step failed just now or in a run before a crash."""
    try:
        yield
    except PortableWorkflowError as error:
        raise _restored(name, error) from error
    except DBOSMaxStepRetriesExceeded as error:
        raise _gave_up(name) from error


def _restored(name: str, error: PortableWorkflowError) -> CectrustError:
    words = error.data if isinstance(error.data, dict) else {}
    kind = words.get("kind")
    if kind not in _KINDS:
        return _gave_up(name) if error.name == DBOSMaxStepRetriesExceeded.__name__ else StepFailed(name, error.name)
    return _KINDS[str(kind)](str(error.code), str(words.get("ja", "")), str(words.get("en", "")))


def _gave_up(name: str) -> Unavailable:
    return Unavailable(
        "step_gave_up", f"処理「{name}」の相手先が応答しません。", f"The partner of the step {name} does not answer."
    )


def _code(error: Exception) -> str:
    return error.code if isinstance(error, CectrustError) else type(error).__name__
