"""What the checks look at: the profile, and this computer. Tests give another root folder, home and environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..pairing.model import Pairing
from ..profile.folder import Profile
from ..profile.settings import Settings
from ..protocol import PORTS


@dataclass(frozen=True)
class Surroundings:
    """`root`: where /etc, /usr, /sys and /run lie.

    `manifest`: file or address of an update manifest, "" if none; `manifest_key`: for builds that have none.
    `origin`: the page that asks, "" for the person at this computer; a page hears of its own server only.
    `ports`: where bridges listen here. `named`: servers to speak of instead of the paired ones.
    """

    profile: Profile
    root: Path = Path("/")
    home: Path = field(default_factory=Path.home)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    manifest: str = ""
    manifest_key: Path | None = None
    origin: str = ""
    ports: Sequence[int] = PORTS
    named: Sequence[str] = ()

    def settings(self) -> Settings:
        """config.toml; ProfileError."""
        return self.profile.settings()

    def servers(self) -> list[Pairing]:
        """Paired servers that may be spoken of; PairingError."""
        return [each for each in self.profile.book.servers() if self.origin in ("", *each.origins)]

    def origins(self) -> list[str]:
        """The first address of each of them, or that of the page."""
        if self.named:
            return list(self.named)
        return [self.origin] if self.origin else [each.origins[0] for each in self.servers()]

    def at(self, path: str) -> Path:
        """An absolute path under the root."""
        return self.root / path.lstrip("/")
