"""``cectrust db``: the schema."""

from __future__ import annotations

import sys

import click

from cectrust.commands.context import the_settings
from cectrust.database import Database, open_database
from cectrust.platform import private_directory


@click.group("db")
def database_group() -> None:
    """The database's schema: the core's, every plugin's, and the workflow engine's."""


@database_group.command()
def upgrade() -> None:
    """Bring the schema to this program's version. Safe to repeat and to run twice at once."""
    from cectrust.database import migrations
    from cectrust.plugins import load_plugins
    from cectrust.rooms import schema
    from cectrust.workflows import engine

    database = _open()
    migrations.upgrade(database, schema(load_plugins()))
    engine.migrate(database)
    database.close()
    click.echo("ok")


@database_group.command()
def check() -> None:
    """Compare the real tables with those in code; exit status 1 and one line each if they differ."""
    from cectrust.database import migrations
    from cectrust.plugins import load_plugins
    from cectrust.rooms import schema

    database, wanted = _open(), schema(load_plugins())
    migrations.require_current(database, wanted)
    found = migrations.differences(database, wanted)
    database.close()
    for difference in found:
        click.echo(difference)
    sys.exit(1 if found else 0)


def _open() -> Database:
    settings = the_settings()
    private_directory(settings.data_dir)
    return open_database(settings.database_url)
