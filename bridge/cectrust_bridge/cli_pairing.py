"""`cectrust-bridge pair`, `servers` and `unpair`. Exit status: 0 done, 1 refused, 3 not reached, 4 done here only."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from typing import Any

from .display import visible
from .pairing.errors import CodeMistyped, PairingError, ServerUnreachable
from .pairing.model import Pairing
from .profile.folder import Profile
from .service import ceremony

REFUSED, NOT_REACHED, HERE_ONLY = 1, 3, 4
MAX_LINE = 200


def add_commands(commands: Any) -> list[argparse.ArgumentParser]:
    """Declare the three commands; the caller adds what all commands have."""
    pair = commands.add_parser("pair", help="pair with a server by the one-time code of its page")
    pair.add_argument("address", help="as the page shows it, such as https://keiyaku.example.jp")
    pair.add_argument("--code-stdin", action="store_true", help="read the code from standard input instead of asking")
    pair.add_argument("--name", help="how the server lists this computer; default: its host name")
    servers = commands.add_parser("servers", help="list the paired servers")
    unpair = commands.add_parser("unpair", help="forget a server and tell it so")
    unpair.add_argument("issuer", help="as `servers` lists it")
    for command in (pair, servers, unpair):
        command.add_argument("--json", action="store_true", help="one JSON value on standard output")
    return [pair, servers, unpair]


def run(options: argparse.Namespace, profile: Profile) -> int:
    """Run one of the commands; the exit status."""
    act: Callable[[argparse.Namespace, Profile], int] = {"pair": _pair, "servers": _servers, "unpair": _unpair}[
        options.command
    ]
    try:
        return act(options, profile)
    except PairingError as error:
        _tell(error, options.json)
        return NOT_REACHED if isinstance(error, ServerUnreachable) else REFUSED


def _pair(options: argparse.Namespace, profile: Profile) -> int:
    found = ceremony.pair(profile, options.address, _code(options.code_stdin), name=options.name)
    _print(_facts(found), options.json, f"登録しました。 Paired.\n{_line(found)}")
    return 0


def _servers(options: argparse.Namespace, profile: Profile) -> int:
    found = profile.book.servers()
    lines = "\n".join(map(_line, found)) or "登録されたサーバーはありません。 No server is paired."
    _print([_facts(pairing) for pairing in found], options.json, lines)
    return 0


def _unpair(options: argparse.Namespace, profile: Profile) -> int:
    done = ceremony.unpair(profile, options.issuer)
    told = done.not_told is None
    if done.not_told is not None and not options.json:
        _tell(done.not_told, as_json=False)
    words = "登録を解除しました。 Unpaired."
    if not told:
        words = "このパソコンの登録だけを解除しました。 Unpaired on this computer only."
    why = None if done.not_told is None else done.not_told.as_json()
    _print({**_facts(done.pairing), "server_told": told, "why_not": why}, options.json, words)
    return 0 if told else HERE_ONLY


def _code(from_stdin: bool) -> str:
    """Never an argument: those stay in the shell's history and in the process list."""
    if from_stdin:
        return sys.stdin.readline(MAX_LINE)
    if not sys.stdin.isatty():
        raise CodeMistyped("no terminal to ask at; use --code-stdin")
    return getpass.getpass("登録コード (code): ")


def _facts(pairing: Pairing) -> dict[str, Any]:
    return {
        "issuer": pairing.issuer,
        "server_name": pairing.server_name,
        "origins": list(pairing.origins),
        "user_hint": pairing.user_hint,
        "identity": pairing.identity,
        "paired_by": "administrator" if pairing.fleet else "user",
        "registered": bool(pairing.registration),
    }


def _line(pairing: Pairing) -> str:
    whose = "" if pairing.fleet and not pairing.registration else f"  {visible(pairing.user_hint)}"
    by = "  [管理者 administrator]" if pairing.fleet else ""
    return f"{visible(pairing.issuer)}  {visible(pairing.server_name)}{whose}{by}"


def _print(value: Any, as_json: bool, words: str) -> None:
    sys.stdout.write((json.dumps(value, ensure_ascii=False) if as_json else words) + "\n")


def _tell(error: PairingError, as_json: bool) -> None:
    if as_json:
        _print(error.as_json(), True, "")
    reason = "" if str(error) == error.en else f" ({visible(str(error))})"
    sys.stderr.write(f"cectrust-bridge: {error.ja}\n{error.en}{reason}\n")
