"""`cectrust-bridge modules`, `keystores` and `pin change`: acts of this computer's user, never of a page."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from .display import visible
from .errors import BridgeError, TokenRemoved
from .profile import keystores
from .profile.folder import Profile
from .service import errand
from .service.bridge import Bridge
from .tokens.model import Token
from .tokens.modules import Modules, configured
from .tokens.rights import readable_by_others
from .tokens.timeouts import Timeouts

Work = Coroutine[Any, Any, None]
EXPOSED = (
    "{path}: このパソコンのほかの利用者も読めるファイルです。自分だけが読めるように、chmod go= で閉じてください。 / "
    "others on this computer can read this file. Close it with chmod go= so that only you can."
)
COMMANDS = ("modules", "keystores", "pin")


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> list[argparse.ArgumentParser]:
    """The parsers that want `--profile`."""
    modules = commands.add_parser("modules", help="list the key stores and the tokens in them")
    stores = commands.add_parser("keystores", help="PKCS#12 files as key stores").add_subparsers(
        dest="act", required=True
    )
    shown = stores.add_parser("list", help="what was added")
    add = stores.add_parser("add", help="add a PKCS#12 file; asks for its password")
    add.add_argument("file", type=Path)
    remove = stores.add_parser("remove", help="forget a file (it stays where it is)")
    remove.add_argument("name")
    pin = commands.add_parser("pin", help="the PIN of a token").add_subparsers(dest="act", required=True)
    change = pin.add_parser("change", help="asks for the old and the new PIN on this terminal")
    change.add_argument("--serial", help="which token, if several are present")
    return [modules, shown, add, remove, change]


def run(options: argparse.Namespace, profile: Profile) -> None:
    """Do it, or end with the sentence that says why not."""
    try:
        asyncio.run(_act(options, profile))
    except BridgeError as error:
        sys.exit(f"cectrust-bridge: {error.name}: {error.ja} / {error.en}")


def _act(options: argparse.Namespace, profile: Profile) -> Work:
    if options.command == "modules":
        return _list_modules(profile)
    if options.command == "pin":
        return _change_pin(profile, options.serial)
    return _keystores(options, profile)


async def _list_modules(profile: Profile) -> None:
    stores = profile.settings().stores
    modules = configured(lambda: stores, Timeouts())
    try:
        with_tokens = await _present(modules)
    finally:
        modules.stop()
    for store, state in zip(stores, modules.states(), strict=True):
        _write_row(store.name, store.kind, state["state"], str(store.path))
        for token in (each for each in with_tokens if each.module == store.name):
            _write_row(f"  {token.label}", token.model, token.serial, f"PIN: {token.pin_state}")


def _write_row(*cells: str) -> None:
    """Labels and names of files are foreign text, and a terminal obeys what it is sent."""
    sys.stdout.write("\t".join(visible(cell) for cell in cells) + "\n")


async def _present(modules: Modules) -> list[Token]:
    try:
        return await modules.present()
    except BridgeError:
        return []


async def _change_pin(profile: Profile, serial: str | None) -> None:
    bridge = Bridge(profile, "terminal")
    try:
        tokens = [each for each in await bridge.tools.modules.tokens() if serial in (None, each.serial)]
        if len(tokens) != 1:
            raise TokenRemoved
        await errand.change_pin_of(bridge, tokens[0])
    finally:
        bridge.stop()


async def _keystores(options: argparse.Namespace, profile: Profile) -> None:
    acts: dict[str, Callable[[], Work]] = {
        "list": lambda: _list_keystores(profile),
        "add": lambda: _add(profile, options.file),
        "remove": lambda: _remove(profile, options.name),
    }
    await acts[options.act]()


async def _list_keystores(profile: Profile) -> None:
    for store in keystores.added(profile.folder):
        _write_row(store.name, str(store.path))


async def _add(profile: Profile, file: Path) -> None:
    """A running bridge has it from its next look on."""
    bridge = Bridge(profile, "terminal")
    try:
        store = await errand.add_file(bridge, file)
    finally:
        bridge.stop()
    sys.stdout.write(f"added {visible(store.name)}\n")
    if readable_by_others(store.path):
        sys.stderr.write(f"cectrust-bridge: {EXPOSED.format(path=visible(str(store.path)))}\n")


async def _remove(profile: Profile, name: str) -> None:
    keystores.remove(profile.folder, name)
