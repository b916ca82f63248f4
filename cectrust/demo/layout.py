"""Where everything of one demonstration lies, and on which ports it listens."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from cectrust.demo.people import Participant

SOFTHSM = next(
    (
        path
        for path in (
            Path("/usr/lib/softhsm/libsofthsm2.so"),
            Path(f"/usr/lib/{os.uname().machine}-linux-gnu/softhsm/libsofthsm2.so"),
        )
        if path.exists()
    ),
    Path("/usr/lib/softhsm/libsofthsm2.so"),
)


@dataclass(frozen=True)
class Ports:
    web: int = 8710
    mail: int = 8725
    tsa: int = 8731


@dataclass(frozen=True)
class Layout:
    """One demonstration's folder. Made 0700: it holds PINs."""

    root: Path
    ports: Ports = Ports()

    @property
    def settings(self) -> Path:
        return self.root / "cectrust.toml"

    @property
    def mark(self) -> Path:
        """Says that this folder is a demonstration's and may be thrown away. Written first."""
        return self.root / ".cectrust-demo"

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.ports.web}"

    @property
    def repository_url(self) -> str:
        """Inside certificates: a host name without a dot is not allowed there."""
        return f"http://127.0.0.1:{self.ports.web}/cecsign"

    @property
    def desk(self) -> Path:
        """Tokens of the CA, and of people until they are handed over."""
        return self.root / "ca"

    @property
    def tsa(self) -> Path:
        return self.root / "tsa"

    @property
    def roots(self) -> Path:
        return self.root / "roots"

    @property
    def mails(self) -> Path:
        return self.root / "mails"

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.root / "logs"

    @property
    def state(self) -> Path:
        """What was printed once: logins, passwords, PINs. Written last, so it says that the instance is whole."""
        return self.root / "demo.json"

    def person(self, participant: Participant) -> Path:
        """One company's computer: its token, its bridge's profile, its PIN."""
        return self.root / f"company-{participant.key}"

    def bridge_profile(self, participant: Participant) -> Path:
        return self.person(participant) / "bridge"

    @property
    def environment(self) -> dict[str, str]:
        """For the server's processes and commands."""
        return self._environment(self.desk) | {"CECTRUST_SETTINGS": str(self.settings)}

    def bridge_environment(self, participant: Participant) -> dict[str, str]:
        """For one company's bridge: its own token and nothing of the server's."""
        return self._environment(self.person(participant))

    def _environment(self, token_folder: Path) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("CECTRUST_")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return inherited | {"SOFTHSM2_CONF": str(token_folder / "softhsm2.conf"), "PATH": path}
