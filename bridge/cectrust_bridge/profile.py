"""The profile folder: identity key, paired servers, configuration, remembered consents, kept results."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from . import jose
from .identity import Identity, load_or_create
from .kept import KeptResults
from .pairing import Pairing
from .pairing_book import PairingBook, fleet_folder
from .pairing_http import Network


class ProfileError(ValueError):
    """The profile cannot be used; the sentence says which file and why."""


@dataclass(frozen=True)
class ModuleSetting:
    """One `[[pkcs11]]` table of config.toml."""

    name: str
    path: Path


@dataclass(frozen=True)
class Settings:
    """config.toml; `consent_seconds`: how long the person may be silent before a window gives up."""

    modules: tuple[ModuleSetting, ...] = ()
    consent_seconds: int = 300
    network: Network = field(default_factory=Network)


def default_folder() -> Path:
    """`$XDG_CONFIG_HOME/cectrust-bridge` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "cectrust-bridge"


def _module(table: object) -> ModuleSetting:
    if not isinstance(table, dict) or set(table) != {"name", "path"}:
        raise ProfileError("config.toml: a [[pkcs11]] table has exactly name and path")
    name, path = table["name"], table["path"]
    if not isinstance(name, str) or not name or not isinstance(path, str) or not Path(path).is_absolute():
        raise ProfileError("config.toml: pkcs11 name is a text and path is absolute")
    return ModuleSetting(name, Path(path))


def _network(table: object) -> Network:
    if not isinstance(table, dict) or set(table) - {"ca_file", "proxy"}:
        raise ProfileError("config.toml: [network] has ca_file and proxy, nothing else")
    ca_file, proxy = table.get("ca_file"), table.get("proxy")
    if ca_file is not None and not (isinstance(ca_file, str) and Path(ca_file).is_absolute()):
        raise ProfileError("config.toml: network.ca_file is an absolute path")
    authority = None if ca_file is None else Path(ca_file)
    if proxy is None:
        return Network(authority)
    host, _, port = proxy.rpartition(":") if isinstance(proxy, str) else ("", "", "")
    if not host or "/" in host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ProfileError("config.toml: network.proxy is host:port")
    return Network(authority, (host, int(port)))


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:
        raise ProfileError(f"config.toml: {error}") from error


def _settings(path: Path) -> Settings:
    table = _read(path)
    if unknown := set(table) - {"pkcs11", "consent_seconds", "network"}:
        raise ProfileError(f"config.toml: unknown {', '.join(sorted(unknown))}")
    tables, seconds = table.get("pkcs11", []), table.get("consent_seconds", Settings.consent_seconds)
    if not isinstance(tables, list) or type(seconds) is not int or not 1 <= seconds <= 600:
        raise ProfileError("config.toml: pkcs11 are tables, consent_seconds is 1 to 600")
    modules = tuple(_module(table) for table in tables)
    if len({module.name for module in modules}) != len(modules):
        raise ProfileError("config.toml: two modules have one name")
    return Settings(modules, seconds, _network(table.get("network", {})))


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
        """config.toml; ProfileError if it is wrong."""
        return _settings(self.folder / "config.toml")

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
