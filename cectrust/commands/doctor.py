"""``cectrust doctor``."""

from __future__ import annotations

import sys

import click

from cectrust.commands.context import the_platform


@click.command()
@click.option("--deep", is_flag=True, help="Recompute journal and log and read every original.")
def doctor(*, deep: bool) -> None:
    """Check that database, store and log agree; exit status 1 if anything does not."""
    from cectrust.checks import checks
    from cectrust.doctor import examine

    troubled = False
    with the_platform() as platform:
        for diagnosis in examine(platform, checks(), deep=deep):
            click.echo(f"{diagnosis.check}: {len(diagnosis.findings) or 'ok'}")
            for finding in diagnosis.findings:
                click.echo(f"  {finding.code}: {finding.ja} {finding.place}")
            troubled = troubled or bool(diagnosis.findings)
    sys.exit(1 if troubled else 0)
