"""The profile folder: identity key, paired servers, configuration, remembered consents, kept results."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ..formats import jose
from ..pairing.book import PairingBook, fleet_folder
from ..pairing.identity import Identity, load_or_create
from ..pairing.model import Pairing
from . import settings
from .kept import KeptResults
from .settings import ProfileError, Settings


def default_folder() -> Path:
    """`$XDG_CONFIG_HOME/cectrust-bridge` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "cectrust-bridge"


class Profile:
    """One user's bridge on disk. Everything in it is his alone (0700); `fleet` is the administrator's."""

    def __init__(self, folder: Path, fleet: Path | None = None, fleet_owner: int = 0) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o022:
            raise ProfileError(f"{folder} may be changed by others")
        self.folder = folder
        (folder / "servers").mkdir(mode=0o700, exist_ok=True)
        self.book = PairingBook(folder / "servers", fleet or fleet_folder(), fleet_owner)
        self._consents = folder / "consents"
        self._consents.mkdir(mode=0o700, exist_ok=True)

    def identity(self) -> Identity:
        """The bridge's key, made at first use."""
        return load_or_create(self.folder / "identity.pem")

    def pairings(self) -> dict[str, Pairing]:
        """Paired servers by origin; PairingError names a wrong file."""
        return self.book.load()

    def settings(self) -> Settings:
        """config.toml and the PKCS#12 files that were added; ProfileError if something is wrong."""
        return settings.load(self.folder)

    @property
    def look_file(self) -> Path:
        """Language and size of the windows, as the person chose them."""
        return self.folder / "windows.json"

    def kept_results(self) -> KeptResults:
        """Results waiting for an acknowledgement."""
        return KeptResults(self.folder / "kept")

    def may_list(self, server: Pairing, origin: str) -> bool:
        """Has the person allowed this server and origin to see the tokens?"""
        return self._consent(server, origin).exists()

    def remember_listing(self, server: Pairing, origin: str) -> None:
        """The person said yes once; a new identity key asks again."""
        self._consent(server, origin).touch(mode=0o600)

    def forget_consents(self, server: Pairing) -> None:
        """The person has left this server; pairing anew asks anew."""
        for origin in server.origins:
            self._consent(server, origin).unlink(missing_ok=True)

    def _consent(self, server: Pairing, origin: str) -> Path:
        named = "\0".join((jose.thumbprint(server.identity_key), server.issuer, origin))
        return self._consents / hashlib.sha256(named.encode()).hexdigest()
