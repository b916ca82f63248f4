"""A computer with a token, and `cectrust-bridge doctor` as a person or an administrator runs it there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from bridge_house import SoftToken, make_profile
from running import BRIDGE, free_port

SECONDS = 100


class Patient:
    """A profile with a token, and the command run on it."""

    def __init__(self, folder: Path, token: SoftToken, origin: str) -> None:
        self.profile, self.home, self.token = folder / "profile", folder / "home", token
        self.home.mkdir()
        make_profile(self.profile, token, origin)
        self.environment = {**token.environment, "HOME": str(self.home)}
        self.environment.pop("XDG_CONFIG_HOME", None)

    def run(self, *arguments: str, later: str = "", typed: str = "") -> subprocess.CompletedProcess[str]:
        clock = ["faketime", "-f", later] if later else []
        command = [*clock, *BRIDGE, "doctor", "--profile", str(self.profile), "--port", str(free_port()), *arguments]
        return subprocess.run(
            command, env=self.environment, input=typed, capture_output=True, text=True, timeout=SECONDS, check=False
        )

    def findings(self, later: str = "") -> dict[str, dict[str, Any]]:
        done = self.run("--json", later=later)
        return {each["code"]: each for each in json.loads(done.stdout)["findings"]}


def tree(*folders: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and octets of every file, and the modes of folders."""
    found = [each for folder in folders for each in folder.rglob("*") if not each.is_symlink()]
    return {str(each): (each.stat().st_mode, each.read_bytes() if each.is_file() else b"") for each in found}
