"""config.toml of a profile, and the PKCS#12 files its user added. Nothing here comes from a page."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..pairing.http import Network
from ..tokens import wellknown
from ..tokens.kinds import PKCS11, PKCS12, StoreSetting
from . import keystores

KNOWN = {PKCS11, PKCS12, "discover", "consent_seconds", "poll_seconds", "network", "doctor"}
MEMBERS = {PKCS11: {"name", "path"}, PKCS12: {"name", "path", "certificates"}}


class ProfileError(ValueError):
    """The profile cannot be used; the sentence says which file and why."""


@dataclass(frozen=True)
class Settings:
    """`stores`: key stores in the order in which they are asked. `consent_seconds`: how long the person may be
    silent before a window gives up. `poll_seconds`: how often connected pages have tokens looked for. `authorities`:
    certificates with which `doctor` follows those of tokens up to their root; nothing else uses them."""

    stores: tuple[StoreSetting, ...] = ()
    consent_seconds: int = 300
    poll_seconds: int = 3
    network: Network = field(default_factory=Network)
    authorities: Path | None = None


def _absolute(where: str, value: object) -> Path:
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise ProfileError(f"{where}: a path is absolute")
    return Path(value)


def _store(where: str, kind: str, table: object) -> StoreSetting:
    if not isinstance(table, dict) or set(table) != MEMBERS[kind]:
        raise ProfileError(f"{where}: a [[{kind}]] table has exactly {', '.join(sorted(MEMBERS[kind]))}")
    name = table["name"]
    if not isinstance(name, str) or not 1 <= len(name) <= 100:
        raise ProfileError(f"{where}: {kind} name is a text of 1 to 100 characters")
    certificates = _absolute(where, table["certificates"]) if kind == PKCS12 else None
    return StoreSetting(name, _absolute(where, table["path"]), kind, certificates)


def _tables(where: str, kind: str, config: Mapping[str, Any]) -> list[StoreSetting]:
    tables = config.get(kind, [])
    if not isinstance(tables, list):
        raise ProfileError(f"{where}: {kind} are tables")
    return [_store(where, kind, table) for table in tables]


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError as error:
        raise ProfileError(f"config.toml: {error}") from error


def _added(folder: Path) -> list[StoreSetting]:
    try:
        return keystores.added(folder)
    except ValueError as error:
        raise ProfileError(str(error)) from error


def _seconds(config: Mapping[str, Any], name: str, usual: int, most: int) -> int:
    seconds = config.get(name, usual)
    if type(seconds) is not int or not 1 <= seconds <= most:
        raise ProfileError(f"config.toml: {name} is 1 to {most}")
    return seconds


def _discovered(config: Mapping[str, Any], named: list[StoreSetting]) -> list[StoreSetting]:
    """Well-known modules: when asked for, or when the file names none of its own."""
    wanted = config.get("discover", not named)
    if type(wanted) is not bool:
        raise ProfileError("config.toml: discover is true or false")
    taken = {store.path.resolve() for store in named}
    return [store for store in wellknown.present() if store.path not in taken] if wanted else []


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


def _authorities(table: object) -> Path | None:
    if not isinstance(table, dict) or set(table) - {"ca_file"}:
        raise ProfileError("config.toml: [doctor] has ca_file, nothing else")
    return _absolute("config.toml: doctor.ca_file", table["ca_file"]) if table else None


def load(folder: Path) -> Settings:
    """The settings of the profile in `folder`; ProfileError if something is wrong."""
    config = _read(folder / "config.toml")
    if unknown := set(config) - KNOWN:
        raise ProfileError(f"config.toml: unknown {', '.join(sorted(unknown))}")
    modules = _tables("config.toml", PKCS11, config)
    stores = [*modules, *_discovered(config, modules), *_tables("config.toml", PKCS12, config), *_added(folder)]
    if len({store.name for store in stores}) != len(stores):
        raise ProfileError("two key stores have one name")
    consent = _seconds(config, "consent_seconds", Settings.consent_seconds, 600)
    poll = _seconds(config, "poll_seconds", Settings.poll_seconds, 60)
    network, authorities = _network(config.get("network", {})), _authorities(config.get("doctor", {}))
    return Settings(tuple(stores), consent, poll, network, authorities)
