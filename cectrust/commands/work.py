"""``cectrust work``: the worker, and what an administrator does about work that failed."""

from __future__ import annotations

import os

import click

from cectrust.commands.context import the_platform
from cectrust.commands.processes import platform_of_a_process
from cectrust.ending import Ending
from cectrust.identity.service import SYSTEM
from cectrust.sdk.protocols import Act

LONG_SECONDS = 600
"""After so long a completion that still waits is shown beside those that failed."""


@click.group(invoke_without_command=True)
@click.pass_context
def work(context: click.Context) -> None:
    """Execute workflows and scheduled jobs; with a subcommand: look after work that failed."""
    if context.invoked_subcommand is None:
        _execute()


def _execute() -> None:
    from cectrust import rooms  # noqa: F401 -- registers every room's workflows
    from cectrust.jobs import jobs
    from cectrust.scheduler import Scheduler
    from cectrust.workflows import registered
    from cectrust.workflows.worker import Worker

    platform = platform_of_a_process()
    worker, scheduler = Worker(platform, registered()), Scheduler(jobs(platform))
    ending = Ending()
    worker.start()
    scheduler.start()
    ending.wait()
    scheduler.ask_to_stop()  # both at once: the supervisor kills what takes longer than its STOP_SECONDS
    worker.stop()
    scheduler.stop()
    platform.close()
    os._exit(0)  # a step between two attempts would keep the process for hours; its work is taken up at the next start


@work.command()
def failed() -> None:
    """List what failed, and what has waited for more than ten minutes: state, workflow, ID, contract."""
    from cectrust.signing.recovery import describe
    from cectrust.workflows import failures, waiting

    with the_platform() as platform, platform.reading() as unit:
        for state, found in (
            ("failed", failures(platform.database)),
            ("waiting", waiting(platform.database, LONG_SECONDS)),
        ):
            for each in found:
                click.echo(f"{state} {each.workflow} {each.id} {describe(unit, each.id)}".rstrip())


@work.command()
@click.argument("workflow_id", metavar="ID")
def retry(workflow_id: str) -> None:
    """Try the step again at which this workflow failed."""
    from cectrust.workflows import recovery

    with the_platform() as platform, platform.work() as unit:
        recovery.retry(unit.session, workflow_id)
        unit.journal.record(unit.session, SYSTEM, Act("workflow.retried", workflow_id))
    click.echo(f"{workflow_id}: もう一度処理します (queued again)")


@work.command("give-back")
@click.argument("request_id", metavar="ID")
@click.option("--reason", required=True, help="the signer reads it in a mail, and the journal keeps it")
def give_back(request_id: str, reason: str) -> None:
    """Give up a signature that cannot be completed: the contract is free again and the person signs again."""
    from cectrust.signing.recovery import give_back_by_hand
    from cectrust.workflows import recovery

    with the_platform() as platform, platform.work() as unit:
        give_back_by_hand(SYSTEM, unit, request_id, reason)
        if recovery.has_failed(unit.session, request_id):
            recovery.retry(unit.session, request_id)  # it finds nothing left to do, and no longer counts as failed
    click.echo(f"{request_id}: 署名を取り消し、契約を署名前に戻しました (given back)")
