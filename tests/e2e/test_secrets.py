"""No PIN and no password is anywhere on the server after a journey: not in logs, database, blobs or mails (T1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.conftest import Travelled
from tests.e2e.office import PASSWORD

PIN_HOLDERS = ("pin", "demo.json")
"""The PINs' own files, on the companies' and the CA's computers and in what the demonstration prints."""


def server_files(root: Path) -> Iterator[Path]:
    """Everything that the server's processes wrote: all but the companies' computers and the printed sheet."""
    for path in root.rglob("*"):
        away = path.relative_to(root).parts[0].startswith("company-")
        if path.is_file() and not away and path.name not in PIN_HOLDERS:
            yield path


def secrets(travelled: Travelled) -> dict[str, str]:
    words = {"the chosen password": PASSWORD}
    for key, facts in travelled.running.people.items():
        words |= {f"{name} of {key}": facts[name] for name in ("pin", "user_password", "company_password")}
    return words


def holds(path: Path, secret: str) -> bool:
    """Not as a part of a longer number: eight digits may be in one by chance."""
    return re.search(rb"(?<!\d)" + re.escape(secret.encode()) + rb"(?!\d)", path.read_bytes()) is not None


def test_T1_no_pin_and_no_password_is_in_any_file_of_the_server(travelled: Travelled) -> None:
    files = list(server_files(travelled.running.layout.root))
    names = {path.name for path in files}
    assert {"cectrust.db", "web.log", "work.log", "keys.log"} <= names
    assert any(path.suffix == ".eml" for path in files)
    found = [
        f"{what} in {path.name}" for path in files for what, secret in secrets(travelled).items() if holds(path, secret)
    ]
    assert found == []


def test_T1_no_pin_is_in_what_a_bridge_wrote_or_showed(travelled: Travelled) -> None:
    for key, facts in travelled.running.people.items():
        profile = travelled.running.layout.root / f"company-{key}" / "bridge"
        assert not [path for path in profile.rglob("*") if path.is_file() and holds(path, facts["pin"])]
        assert facts["pin"] not in travelled.running.terminals[key].transcript
