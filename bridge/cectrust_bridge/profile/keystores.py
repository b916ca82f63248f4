"""PKCS#12 files that the user added: `keystores/` in the profile, a JSON and the public certificates (PEM) of each."""

from __future__ import annotations

import base64
import itertools
import json
import os
import textwrap
from collections.abc import Container
from pathlib import Path

from ..errors import BridgeError
from ..formats import durable
from ..processes.channel import ChannelClosed
from ..processes.process import Child
from ..tokens.kinds import PKCS12, StoreSetting
from ..tokens.timeouts import Timeouts
from .keystore_errors import AddedAlready, FileMissing, NotAdded, NothingUsable, UnfitKeystore, WrongPassword

MEMBERS = {"name", "path", "certificates"}
TIMEOUTS = Timeouts()
ERRORS: dict[str, type[BridgeError]] = {"pin_incorrect": WrongPassword, "cert_not_found": NothingUsable}


def added(folder: Path) -> list[StoreSetting]:
    """What was added, by name; ValueError names a file that is not as `add` writes it."""
    return [_parse(path) for path in sorted((folder / "keystores").glob("*.json"))]


def _parse(path: Path) -> StoreSetting:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    texts = isinstance(table, dict) and set(table) == MEMBERS and all(isinstance(each, str) for each in table.values())
    if not texts or not all(Path(table[name]).is_absolute() for name in ("path", "certificates")):
        raise ValueError(f"{path.name}: exactly name, path and certificates, both absolute")
    return StoreSetting(table["name"], Path(table["path"]), PKCS12, Path(table["certificates"]))


def check(folder: Path, file: Path) -> None:
    """Before anybody is asked for its password. Raises FileMissing, AddedAlready; `file` is absolute."""
    if not file.is_file():
        raise FileMissing
    if file in [store.path for store in added(folder)]:
        raise AddedAlready


async def add(folder: Path, file: Path, pin: int, taken: Container[str] = ()) -> StoreSetting:
    """Open `file` (absolute) with the password in the pipe `pin`, and note it with its certificates.

    It is named as the file, with a number if that name is `taken` by another store. Raises WrongPassword,
    NothingUsable, UnfitKeystore, and what `check` raises.
    """
    check(folder, file)
    ders = await _certificates(file, pin)
    kept = folder / "keystores"
    kept.mkdir(mode=0o700, exist_ok=True)
    name = _free_name(file.name, {store.name for store in added(folder)}, taken)
    certificates = kept / f"{name}.pem"
    durable.write(certificates, "".join(map(_pem, ders)).encode())
    table = {"name": name, "path": str(file), "certificates": str(certificates)}
    durable.write(kept / f"{name}.json", json.dumps(table, ensure_ascii=False).encode())
    return StoreSetting(name, file, PKCS12, certificates)


def _free_name(wanted: str, ours: Container[str], taken: Container[str]) -> str:
    """Many authorities call every file `cert.p12`."""
    names = itertools.chain([wanted], (f"{wanted} ({number})" for number in itertools.count(2)))
    return next(name for name in names if name not in ours and name not in taken)


def remove(folder: Path, name: str) -> None:
    """Forget it; NotAdded. The file itself is not touched."""
    if name not in [store.name for store in added(folder)]:
        raise NotAdded
    for ending in ("json", "pem"):
        (folder / "keystores" / f"{name}.{ending}").unlink(missing_ok=True)


async def _certificates(file: Path, pin: int) -> list[bytes]:
    """The end-entity certificate and its chain, read by a worker: this process never has the password."""
    child = Child("worker", PKCS12, str(file), os.devnull)
    try:
        await child.receive(TIMEOUTS.load)
        answer = (await child.ask({"do": "open"}, TIMEOUTS.sign, [pin])).fields
    except (TimeoutError, ChannelClosed) as error:
        raise UnfitKeystore from error
    finally:
        child.kill()
        child.close()
    if "error" in answer:
        raise ERRORS.get(answer["error"], UnfitKeystore)(**answer["facts"])
    if not answer["certificates"]:
        raise NothingUsable
    return [bytes.fromhex(der) for der in answer["certificates"]]


def _pem(der: bytes) -> str:
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
