"""What an administrator may do about a workflow that ended with an error: have its last step tried again.

DBOS resumes nothing that ended; this is its ``resume`` for those, in the caller's transaction. Steps that succeeded
stay recorded and are not run again, only the error of the step that failed is forgotten.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Text, and_, column, delete, func, null, select, update
from sqlalchemy import table as sql_table
from sqlalchemy.orm import Session

from cectrust.sdk.errors import Conflict, NotFound
from cectrust.workflows import engine

_SCHEMA = "dbos"
FAILED = ("ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


def has_failed(session: Session, workflow_id: str) -> bool:
    """Whether this workflow ended with an error and waits for a person. Raises ``NotFound``."""
    status = _status(session)
    found = session.scalar(select(status.c.status).where(status.c.workflow_uuid == workflow_id))
    if found is None:
        raise NotFound("処理", "workflow", workflow_id)
    return found in FAILED


def retry(session: Session, workflow_id: str) -> None:
    """Put a failed workflow back into the queue. Raises ``NotFound``; ``Conflict`` if it did not fail."""
    if not has_failed(session, workflow_id):
        raise Conflict(
            "workflow_not_failed",
            "この処理は失敗していません。待っている処理は、自動でくり返されます。",
            "This workflow did not fail; what waits is tried again by itself.",
        )
    _forget_last_error(session, workflow_id)
    status = _status(session)
    session.execute(
        update(status).where(status.c.workflow_uuid == workflow_id).values(status="ENQUEUED", **_as_never_begun())
    )


def _as_never_begun() -> dict[str, Any]:
    nothing = ("error", "output", "owner_xid", "workflow_deadline_epoch_ms", "started_at_epoch_ms", "completed_at")
    return {"queue_name": engine.QUEUE, "recovery_attempts": 0, **dict.fromkeys(nothing, null())}


def _forget_last_error(session: Session, workflow_id: str) -> None:
    steps = _table(session, "operation_outputs", "workflow_uuid", "function_id", "error")
    mine = steps.c.workflow_uuid == workflow_id
    last = session.scalar(select(func.max(steps.c.function_id)).where(mine))
    if last is None:
        return
    session.execute(delete(steps).where(and_(mine, steps.c.function_id == last, steps.c.error.is_not(None))))
    own = _table(session, "datasource_outputs", "workflow_id", "step_id", "error")
    session.execute(
        delete(own).where(and_(own.c.workflow_id == workflow_id, own.c.step_id == last, own.c.error.is_not(None)))
    )


def _status(session: Session) -> Any:
    return _table(session, "workflow_status", "workflow_uuid", "status", *_as_never_begun())


def _table(session: Session, name: str, *columns: str) -> Any:
    schema = None if session.get_bind().dialect.name == "sqlite" else _SCHEMA
    kinds = {"function_id": Integer, "step_id": Integer, "recovery_attempts": Integer}
    return sql_table(name, *(column(each, kinds.get(each, Text)) for each in columns), schema=schema)
