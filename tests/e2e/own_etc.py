"""A computer with an /etc of its own, for browsers that obey policies there. Needs root."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


class Computer:
    """An /etc of its own for a browser, as an administrator filled it."""

    def __init__(self, folder: Path) -> None:
        self.etc, self._folder = folder / "etc", folder
        shutil.copytree("/etc", self.etc, symlinks=True, ignore=shutil.ignore_patterns("chromium", "firefox"))
        for browser in ("chromium", "firefox"):
            (self.etc / browser).mkdir()

    def write(self, place: str, content: bytes | dict[str, Any]) -> None:
        file = self._folder / place.lstrip("/")
        file.parent.mkdir(parents=True)
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())

    def repair(self, origin: str) -> None:
        """As an administrator who was asked by a person that cannot sign."""
        doctor = [sys.executable, "-m", "cectrust_bridge", "doctor", "--profile", str(self._folder / "profile")]
        command = [str(self.having(sys.executable)), *doctor[1:], "--repair", "policy", "--server", origin, "--yes"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def having(self, program: str) -> Path:
        """The program with this /etc."""
        wrapper = self._folder / Path(program).name
        inside = f'mount --bind {self.etc} /etc && exec {program} "$@"'
        wrapper.write_text(f"#!/bin/sh\nexec unshare --mount sh -c '{inside}' browser \"$@\"\n")
        wrapper.chmod(0o755)
        return wrapper
