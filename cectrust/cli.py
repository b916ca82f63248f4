"""``cectrust``: the command line. Commands of plugins stand beside our own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from cectrust import __version__
from cectrust.cli_verify import verify_command
from cectrust.commands.accounts import company, user
from cectrust.commands.context import plugin_context
from cectrust.commands.database import database_group
from cectrust.commands.doctor import doctor
from cectrust.commands.processes import keys, serve
from cectrust.commands.signers import bridge, certificate
from cectrust.commands.work import work
from cectrust.demo.command import demo
from cectrust.plugins import load_plugins
from cectrust.sdk.errors import CectrustError, Misconfigured


class Program(click.Group):
    """Says our errors in Japanese and English instead of showing a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except CectrustError as error:
            click.echo(f"{error.ja}\n{error.en}", err=True)
            if error.detail:
                click.echo(f"({error.code}: {error.detail})", err=True)
            # For `verify` 1 means a forged file; what kept it from judging is something else.
            context.exit(2 if context.invoked_subcommand == verify_command.name else 1)


@click.group(cls=Program)
@click.option(
    "--settings",
    envvar="CECTRUST_SETTINGS",
    type=click.Path(path_type=Path),
    help="Settings file; default: cectrust.toml here.",
)
@click.version_option(__version__)
def cectrust(settings: Path | None) -> None:
    """Self-hosted electronic contracts."""


def main() -> None:
    """Entry point of the console script."""
    try:
        _add_plugin_commands()
    except CectrustError as error:
        click.echo(f"{error.ja}\n{error.en}", err=True)
        raise SystemExit(2) from error  # 1 would be read as "forged" behind `cectrust verify`
    cectrust()


def _add_plugin_commands() -> None:
    for name, commands in load_plugins().commands().items():
        for command in commands:
            if command.name in cectrust.commands:
                raise Misconfigured(
                    "command_taken",
                    f"プラグイン「{name}」のコマンド「{command.name}」は、すでにあります。",
                    f"The plugin {name!r} brings the command {command.name!r}, which exists already.",
                )
            command.context_settings["obj"] = partial(plugin_context, name)
            cectrust.add_command(command)


for _command in (serve, work, keys, database_group, doctor, verify_command, company, user, certificate, bridge, demo):
    cectrust.add_command(_command)
