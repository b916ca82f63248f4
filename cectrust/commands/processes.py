"""``cectrust serve`` and ``keys``: processes of the server; ``work`` has a module of its own."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from socketserver import BaseServer

import click

from cectrust import faults, logs
from cectrust.commands.context import settings_path, the_settings
from cectrust.ending import SIGNALS, Ending
from cectrust.platform import Platform, compose
from cectrust.settings import Settings


@click.command()
def serve() -> None:
    """Run everything on this machine: keys role, worker and web; ends cleanly on SIGTERM or Ctrl-C."""
    from cectrust.supervisor import Supervisor, programs

    settings = the_settings()
    logs.configure(settings.logging)
    _require_current_schema(settings)
    supervisor = Supervisor(programs(settings, settings_path()))
    for number in SIGNALS:
        signal.signal(number, lambda *_: supervisor.stop())
    sys.exit(supervisor.run(lambda: click.echo(f"CECTRUST: {settings.server.base_url}")))


@click.group()
def keys() -> None:
    """The keys role: signs for web and worker, which hold no key."""


@keys.command("serve")
def keys_serve() -> None:
    """Answer on the socket until ended."""
    from cectrust.authentication.orders import AuthenticationOrders
    from cectrust.keys.keyring import Keyring
    from cectrust.keys.server import KeysRole, KeysServer
    from cectrust.signing.orders import Orders

    platform = platform_of_a_process()
    settings = platform.settings
    keyring = Keyring(settings.keys_directory, settings.server.base_url, settings.keys.request_key_days)
    orders = AuthenticationOrders(platform.clock, Orders(platform.clock))
    role = KeysRole(keyring, platform.database, platform.clock, settings.log_origin, orders)
    ending = Ending()
    with KeysServer(settings.keys_socket, role) as server:
        threading.Thread(target=_end, args=(server, ending), daemon=True).start()
        server.serve_forever(poll_interval=0.2)
    settings.keys_socket.unlink(missing_ok=True)
    platform.close()


@keys.command("init")
def keys_init() -> None:
    """Make identity and log key where they are missing; never replaces one."""
    from cectrust.keys.keyring import make_keys

    settings = the_settings()
    make_keys(settings.keys_directory)
    click.echo(f"{settings.keys_directory}: identity.pem, log.pem")


@keys.command("certify")
@click.option("--identity", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--days", type=click.IntRange(1, 7), default=7, show_default=True)
@click.option("--issuer", required=True, help="base_url of the server")
def keys_certify(identity: Path, out: Path, days: int, issuer: str) -> None:
    """Where the offline identity key lies: make a certified request key to be carried to the server."""
    from cectrust.clock import SystemClock
    from cectrust.keys.keyring import certify

    certify(identity, out, issuer, SystemClock().now() // 1_000_000, days)
    click.echo(f"{out}: request.pem, request.jws, identity.json")


def platform_of_a_process() -> Platform:
    """The composition of a process that stays: logging set up, schema current. Raises ``Misconfigured``."""
    settings = the_settings()
    logs.configure(settings.logging)
    faults.arm(test_mode=settings.test_mode)
    _require_current_schema(settings)
    return compose(settings)


def _require_current_schema(settings: Settings) -> None:
    from cectrust.database import open_database
    from cectrust.database.migrations import require_current
    from cectrust.platform import private_directory
    from cectrust.plugins import load_plugins
    from cectrust.rooms import schema

    private_directory(settings.data_dir)
    database = open_database(settings.database_url)
    try:
        require_current(database, schema(load_plugins()))
    finally:
        database.close()


def _end(server: BaseServer, ending: Ending) -> None:
    ending.wait()
    server.shutdown()
