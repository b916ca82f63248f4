"""How a registered workflow runs on DBOS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from dbos import DBOS, SQLAlchemyDatasource
from sqlalchemy.exc import DBAPIError

from cectrust.sdk.errors import CectrustError
from cectrust.work import Work
from cectrust.workflows import engine
from cectrust.workflows.registry import Reference, WorkflowFunction, reference

if TYPE_CHECKING:
    from cectrust.platform import Platform

log = structlog.get_logger(__name__)


class RecordedSteps:
    """``cectrust.workflows.Steps`` with every result recorded."""

    def __init__(self, platform: Platform, datasource: SQLAlchemyDatasource) -> None:
        self._platform = platform
        self._datasource = datasource
        # What the rest of the product runs at: SQLite knows only one, PostgreSQL's default is the other.
        self._isolation: Any = "SERIALIZABLE" if platform.database.is_sqlite else "READ COMMITTED"

    def transaction(self, name: str, use: Callable[[Work], Reference]) -> Reference:
        def inside() -> Reference:
            return _telling_little(name, lambda: use(self._platform.work_in(self._datasource.sql_session())))

        return self._datasource.run_tx_step({"name": name, "isolation_level": self._isolation}, inside)

    def outside(self, name: str, act: Callable[[Any], Reference]) -> Reference:
        return DBOS.run_step(engine.step_options(name), lambda: _telling_little(name, lambda: act(self._platform)))


def bind(name: str, function: WorkflowFunction, steps: RecordedSteps) -> None:
    """Tell DBOS what ``name`` stands for in this process."""

    def run(work_id: str) -> None:
        try:
            function(steps, work_id)
        except Exception as error:
            log.error("workflow.failed", workflow=name, id=work_id, code=_code(error), alarm=True)
            raise

    run.__qualname__ = run.__name__ = name
    DBOS.workflow(name=name)(run)


class StepFailed(CectrustError):
    """A step ended with an error that nobody foresaw; its words stay in the log, because tables keep this one."""

    def __init__(self, name: str, cause: Exception) -> None:
        kind = type(cause).__name__
        super().__init__(
            "step_failed", f"処理「{name}」が失敗しました（{kind}）。", f"The step {name} failed ({kind})."
        )


def _telling_little(name: str, act: Callable[[], Reference]) -> Reference:
    try:
        return reference(act())
    except (CectrustError, DBAPIError):  # DBOS runs a step again after a lost connection; parameters are hidden
        raise
    except Exception as error:
        log.exception("step.failed", step=name, alarm=True)
        raise StepFailed(name, error) from error


def _code(error: Exception) -> str:
    return error.code if isinstance(error, CectrustError) else type(error).__name__
