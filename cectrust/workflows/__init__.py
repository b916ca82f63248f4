"""Durable execution behind one small interface: register, enqueue in a transaction, run a worker.

A room registers its workflows with ``@workflow``; whoever starts one calls ``work.enqueue`` in his transaction;
``Worker`` executes. DBOS is known to this package alone.
"""

from cectrust.workflows.failures import FailedWorkflow, failures, is_started, waiting
from cectrust.workflows.registry import Reference, Steps, registered, workflow

__all__ = ["FailedWorkflow", "Reference", "Steps", "failures", "is_started", "registered", "waiting", "workflow"]
