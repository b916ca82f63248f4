"""Workflows that ended with an error and wait for a person, and those that wait for something else."""

from __future__ import annotations

import time
from dataclasses import dataclass

from cectrust.database import Database
from cectrust.workflows import engine
from cectrust.workflows.recovery import FAILED


@dataclass(frozen=True)
class FailedWorkflow:
    """Its name and id; the id is that of the row it works on."""

    workflow: str
    id: str


def failures(database: Database, limit: int = 100) -> list[FailedWorkflow]:
    """Failed workflows, oldest first; their words are in the log, because these tables keep codes only."""
    found = engine.client(database).list_workflows(status=[*FAILED], limit=limit, load_input=False, load_output=False)
    return [FailedWorkflow(each.name, each.workflow_id) for each in found]


def waiting(database: Database, seconds: float, limit: int = 100) -> list[FailedWorkflow]:
    """Workflows that began more than ``seconds`` ago and have not ended, oldest first; they are tried by themselves."""
    pending = engine.client(database).list_workflows(status="PENDING", limit=limit, load_input=False, load_output=False)
    before = (time.time() - seconds) * 1000
    return [FailedWorkflow(each.name, each.workflow_id) for each in pending if (each.created_at or 0) < before]


def is_started(database: Database, workflow_id: str) -> bool:
    """Whether this workflow was ever enqueued, whatever became of it."""
    found = engine.client(database).list_workflows(workflow_ids=[workflow_id], load_input=False, load_output=False)
    return bool(found)
