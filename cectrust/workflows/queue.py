"""Starting workflows from a caller's transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cectrust.database import Database


class WorkflowQueue:
    """``cectrust.work.Enqueue``: the start is a row of the caller's transaction, so it happens if that commits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, session: Session, workflow: str, workflow_id: str) -> None:
        """Start ``workflow`` with ``workflow_id`` as its id and only input; the same id again starts nothing."""
        raise NotImplementedError
