"""Workflows that ended with an error and wait for a person."""

from __future__ import annotations

from dataclasses import dataclass

from cectrust.database import Database
from cectrust.workflows import engine


@dataclass(frozen=True)
class FailedWorkflow:
    workflow: str
    id: str


def failures(database: Database, limit: int = 100) -> list[FailedWorkflow]:
    """Failed workflows, oldest first; their words are in the log, because these tables keep codes only."""
    status = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
    found = engine.client(database).list_workflows(status=status, limit=limit, load_input=False, load_output=False)
    return [FailedWorkflow(each.name, each.workflow_id) for each in found]


def is_started(database: Database, workflow_id: str) -> bool:
    """Whether this workflow was ever enqueued, whatever became of it."""
    found = engine.client(database).list_workflows(workflow_ids=[workflow_id], load_input=False, load_output=False)
    return bool(found)
