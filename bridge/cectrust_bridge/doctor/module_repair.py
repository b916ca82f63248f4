"""Puts a module that is there in the place of one that is not, in the text of config.toml: comments stay."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from ..tokens import rights, wellknown
from ..tokens.kinds import PKCS11, StoreSetting
from . import binaries, smartcards
from .repair_book import Change, RepairError
from .surroundings import Surroundings

NOTHING_TO_DO = ("ドライバーの設定に直すところはありません。", "Nothing is wrong with the modules.")
NO_MODULE = (
    "使えるドライバーがこのパソコンに見つかりません。トークンに付属のソフトウェアを入れてください。",
    "There is no module on this computer that fits. Install the token's software.",
)
BY_HAND = (
    "config.toml を安全に書き換えられません。パスを手で直してください。",
    "config.toml cannot be changed safely. Correct the path by hand.",
)


def change(around: Surroundings) -> Change:
    """The new text of config.toml. Raises RepairError, ProfileError."""
    broken = [store for store in smartcards.unusable(around) if store.kind == PKCS11]
    if not broken:
        raise RepairError(*NOTHING_TO_DO)
    path = around.profile.folder / "config.toml"
    text = path.read_bytes().decode()  # as it is: reading as text would change its line ends
    replaced = text
    for store in broken:
        replaced = _with_path(replaced, store, _best(store, around))
    return Change("module", path, replaced.encode())


def _best(broken: StoreSetting, around: Surroundings) -> Path:
    """The vendor's own name first; never one that the file names already."""
    taken = {store.path.resolve() for store in around.settings().stores if store.name != broken.name}
    fitting = [each for each in wellknown.present() if each.path not in taken and _fits(each.path)]
    fitting.sort(key=lambda each: each.name.casefold() != broken.name.casefold())
    if not fitting:
        raise RepairError(*NO_MODULE)
    return fitting[0].path


def _fits(path: Path) -> bool:
    try:
        binary, wanted = binaries.read(path), binaries.of_this_process()
    except (binaries.NotALibrary, OSError):
        return False
    return binary.bits == wanted.bits and wanted.machines[0] in binary.machines and not rights.writable_by_others(path)


def _with_path(text: str, store: StoreSetting, path: Path) -> str:
    """Change the one line that has the path; the result must parse to exactly this difference."""
    lines = text.splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if _is_path(line, store.path)]
    if len(found) != 1:
        raise RepairError(*BY_HAND)
    ending = lines[found[0]][len(lines[found[0]].rstrip("\r\n")) :]
    # A JSON string is a basic string of TOML, but for characters that no path of a module has.
    lines[found[0]] = f"path = {json.dumps(str(path), ensure_ascii=False)}{ending}"
    replaced = "".join(lines)
    if tomllib.loads(replaced) != _expected(text, store, path):
        raise RepairError(*BY_HAND)
    return replaced


def _is_path(line: str, path: Path) -> bool:
    try:
        return tomllib.loads(line) == {"path": str(path)}
    except tomllib.TOMLDecodeError:
        return False


def _expected(text: str, store: StoreSetting, path: Path) -> dict[str, object]:
    config = tomllib.loads(text)
    for table in config[PKCS11]:
        if table["name"] == store.name:
            table["path"] = str(path)
    return config
