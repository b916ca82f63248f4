"""`cectrust-bridge run`, `pair`, `servers`, `unpair` and `identity`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from . import cli_pairing
from .bridge import Bridge
from .front import Front, bind
from .profile import Profile, default_folder
from .prompters import KINDS
from .protocol import PORTS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cectrust-bridge", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="serve the pages of paired servers")
    run.add_argument("--port", type=int, choices=PORTS, help="default: the first free one")
    run.add_argument("--prompter", choices=KINDS, default="window")
    identity = commands.add_parser("identity", help="make the identity key if needed and print it")
    for command in (run, identity, *cli_pairing.add_commands(commands)):
        command.add_argument("--profile", type=Path, default=default_folder())
    return parser


async def _serve(profile: Profile, port: int | None, prompter: str) -> None:
    profile.pairings()  # a wrong file stops the start, with a sentence that names it
    bridge = Bridge(profile, prompter)
    listening = bind(PORTS if port is None else (port,))
    bound = listening.getsockname()[1]
    server = await Front(bridge, profile.book, bound).listen(listening)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sys.stderr.write(f"cectrust-bridge listening on 127.0.0.1:{bound} {bridge.tools.identity.bridge_id}\n")
    sys.stderr.flush()
    try:
        await stop.wait()
        server.close()
        await server.wait_closed()
    finally:
        bridge.stop()


def _identity(profile: Profile) -> None:
    identity = profile.identity()
    sys.stdout.write(json.dumps({"bridge_id": identity.bridge_id, "jwk": identity.jwk}) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    try:
        profile = Profile(options.profile)
        if options.command == "identity":
            _identity(profile)
        elif options.command != "run":
            sys.exit(cli_pairing.run(options, profile))
        else:
            asyncio.run(_serve(profile, options.port, options.prompter))
    except (ValueError, OSError) as error:
        sys.exit(f"cectrust-bridge: {error}")
