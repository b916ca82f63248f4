"""A computer to be examined: a folder that plays /, a home, and what a test puts there."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cectrust_bridge.doctor.finding import Finding, State
from cectrust_bridge.doctor.surroundings import Surroundings
from cectrust_bridge.profile.folder import Profile


class Computer:
    """`around` is what checks get."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.root, self.home = folder / "root", folder / "home"
        self.home.mkdir(parents=True)
        self.profile = Profile(folder / "profile", folder / "fleet")
        self.around = Surroundings(self.profile, self.root, self.home, environment)

    def write(self, path: str, content: str | bytes) -> Path:
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    def configure(self, *modules: tuple[str, Path | str], more: str = "") -> Path:
        """config.toml with these modules."""
        tables = [f'[[pkcs11]]\nname = "{name}"\npath = "{path}"\n' for name, path in modules]
        config = self.profile.folder / "config.toml"
        config.write_text("# 会社の設定です。\n" + more + "\n".join(tables), encoding="utf-8")
        return config

    def pair(self, pairing: dict[str, Any]) -> None:
        (self.profile.folder / "servers" / "one.json").write_text(json.dumps(pairing), encoding="utf-8")


def one(findings: Sequence[Finding], code: str, state: State) -> Finding:
    """The only finding; whoever reads it is told what it means in both languages, and what to do unless it is good."""
    assert [finding.code for finding in findings] == [code]
    return among(findings, code, state)


def among(findings: Sequence[Finding], code: str, state: State) -> Finding:
    """The finding `code`."""
    [finding] = [each for each in findings if each.code == code]
    assert finding.state is state
    assert finding.ja
    assert finding.en
    return finding


def elf(bits: int, machine: int, kind: int = 3) -> bytes:
    """The header of a shared object."""
    ident = b"\x7fELF" + bytes([bits // 32, 1, 1]) + bytes(9)
    return ident + struct.pack("<HHI", kind, machine, 1) + bytes(64)
