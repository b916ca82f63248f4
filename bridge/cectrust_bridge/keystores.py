"""PKCS#12 files that the user added: `keystores/` in the profile, a JSON and the public certificates (PEM) of each."""

from __future__ import annotations

import base64
import json
import os
import textwrap
from pathlib import Path

from .channel import ChannelClosed
from .errors import WORKER_ERRORS, CertNotFound, DeviceError
from .process import Child
from .tokens.kinds import PKCS12, StoreSetting
from .tokens.timeouts import Timeouts

MEMBERS = {"name", "path", "certificates"}
TIMEOUTS = Timeouts()


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


async def add(folder: Path, file: Path, pin: int) -> StoreSetting:
    """Open `file` (absolute) with the password in the pipe `pin`, and note it with its certificates.

    Raises PinIncorrect, CertNotFound (no key or no certificate inside), DeviceError (not a PKCS#12 file, or
    one that would cost too much), ValueError if the name is taken.
    """
    ders = await _certificates(file, pin)
    kept = folder / "keystores"
    kept.mkdir(mode=0o700, exist_ok=True)
    entry, certificates = kept / f"{file.name}.json", kept / f"{file.name}.pem"
    if entry.exists():
        raise ValueError(f"{file.name} was added already")
    _write(certificates, "".join(map(_pem, ders)))
    table = {"name": file.name, "path": str(file), "certificates": str(certificates)}
    _write(entry, json.dumps(table, ensure_ascii=False))
    return StoreSetting(file.name, file, PKCS12, certificates)


def remove(folder: Path, name: str) -> None:
    """Forget it; ValueError if it was not added. The file itself is not touched."""
    if name not in [store.name for store in added(folder)]:
        raise ValueError(f"{name} was not added")
    for ending in ("json", "pem"):
        (folder / "keystores" / f"{name}.{ending}").unlink(missing_ok=True)


async def _certificates(file: Path, pin: int) -> list[bytes]:
    """The end-entity certificate and its chain, read by a worker: this process never has the password."""
    child = Child("worker", PKCS12, str(file), os.devnull)
    try:
        await child.receive(TIMEOUTS.load)
        answer = (await child.ask({"do": "open"}, TIMEOUTS.sign, [pin])).fields
    except (TimeoutError, ChannelClosed) as error:
        raise DeviceError from error
    finally:
        child.kill()
        child.close()
    if "error" in answer:
        raise WORKER_ERRORS[answer["error"]](**answer["facts"])
    if not answer["certificates"]:
        raise CertNotFound
    return [bytes.fromhex(der) for der in answer["certificates"]]


def _pem(der: bytes) -> str:
    lines = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
