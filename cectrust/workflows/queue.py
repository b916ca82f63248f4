"""Starting workflows from a caller's transaction."""

from __future__ import annotations

from functools import cached_property

from dbos import DBOSClient, EnqueueOptions
from sqlalchemy.orm import Session

from cectrust.database import Database
from cectrust.workflows import engine


class WorkflowQueue:
    """``cectrust.work.Enqueue``: the start is a row of the caller's transaction, so it happens if that commits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @cached_property
    def _client(self) -> DBOSClient:
        return engine.client(self._database)

    def __call__(self, session: Session, workflow: str, workflow_id: str) -> None:
        """Start ``workflow`` with ``workflow_id`` as its id and only input; the same id again starts nothing."""
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": engine.QUEUE,
            "workflow_id": workflow_id,
            "app_version": engine.VERSION,
        }
        self._client.enqueue_in_transaction(session, options, workflow_id)
