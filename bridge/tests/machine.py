"""This computer with a package installed on it, and nothing left of it afterwards: an overlay in a mount namespace.

Root only: in a user namespace the kernel does not let `/` be the lower layer.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SET_UP = """
set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" "$1/root"
for shared in /proc /dev /sys "$2"; do mount --rbind "$shared" "$1/root$shared"; done
exec chroot "$1/root" sh -c 'echo ready; read -r _ || true'
"""


class Machine:
    """Commands run on the copy; `shared` is the one folder that is the same inside and outside."""

    def __init__(self, folder: Path, shared: Path) -> None:
        """RuntimeError with the system's words where it cannot be made."""
        unshare = ["unshare", "--mount", "--propagation", "private"]
        self._holder = subprocess.Popen(
            [*unshare, "sh", "-c", SET_UP, "sh", str(folder), str(shared)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "ready\n":
            raise RuntimeError(f"no copy of this machine: {self._holder.communicate()[1]}")

    def command(self, *command: str) -> list[str]:
        """The command that runs `command` on the copy, from its root folder."""
        return ["nsenter", "--target", str(self._holder.pid), "--mount", "--root", "--wd", *command]

    def run(self, *command: str, **environment: str) -> str:
        """Standard output; AssertionError with both outputs unless it exits with 0."""
        done = subprocess.run(
            self.command(*command), env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def exists(self, path: str) -> bool:
        return subprocess.run(self.command("test", "-e", path), check=False).returncode == 0

    def close(self) -> None:
        self._holder.communicate("\n")
