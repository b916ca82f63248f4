"""`cectrust-bridge run`, `identity`, and what `cli_pairing`, `cli_tokens`, `cli_doctor` and `updates` add."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from . import cli_doctor, cli_pairing, cli_tokens, platforms
from .profile.folder import Profile, default_folder
from .prompters import KINDS
from .protocol import PORTS
from .service.installation import Change, start_again
from .service.instance import AlreadyRunning
from .serving import Options, serve
from .updates import command as update


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cectrust-bridge", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="serve the pages of paired servers")
    free = f"default: the first free one of {', '.join(map(str, PORTS))}; others: see PROTOCOL.md"
    run.add_argument("--port", type=_port, help=free)
    run.add_argument("--prompter", choices=KINDS, default="window")
    run.add_argument("--no-window", action="store_true", help="no main window, only those that ask")
    run.add_argument("--minimised", action="store_true", help="for autostart: the main window out of the way")
    run.add_argument("--check", action="store_true", help="only say whether a bridge can serve on this system (0 or 1)")
    identity = commands.add_parser("identity", help="make the identity key if needed and print it")
    others = [each for group in (cli_pairing, cli_tokens, cli_doctor) for each in group.add_commands(commands)]
    for command in (run, identity, *others):
        command.add_argument("--profile", type=Path, default=default_folder())
    update.add_parser(commands, default_folder())
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1024 to 65535")
    return int(text)


def _identity(profile: Profile) -> None:
    identity = profile.identity()
    sys.stdout.write(json.dumps({"bridge_id": identity.bridge_id, "jwk": identity.jwk}) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    try:
        platforms.check()
        if options.command == "run" and options.check:
            return
        profile = Profile(options.profile)
        if options.command == "identity":
            _identity(profile)
        elif options.command == "doctor":
            sys.exit(cli_doctor.run(options, profile))
        elif options.command == "update":
            sys.exit(update.run(options, profile))
        elif options.command in cli_tokens.COMMANDS:
            cli_tokens.run(options, profile)
        elif options.command != "run":
            sys.exit(cli_pairing.run(options, profile))
        else:
            wanted = Options(options.port, options.prompter, not options.no_window, options.minimised)
            if asyncio.run(serve(profile, wanted)) is Change.REPLACED:
                start_again()
    except AlreadyRunning:
        sys.stderr.write("cectrust-bridge: already running; its window was asked to come forward\n")
    except (ValueError, OSError, platforms.NotHereYet) as error:
        sys.exit(f"cectrust-bridge: {error}")
