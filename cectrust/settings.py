"""``cectrust.toml`` and environment to frozen settings; an unknown or missing key is an error that names it.

The file is named by ``CECTRUST_SETTINGS`` or ``--settings``; a variable ``CECTRUST_SECTION__KEY`` overrides
``[section] key``. Relative paths are relative to the file's directory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import TomlConfigSettingsSource as TomlSource

from cectrust.sdk.errors import Misconfigured
from cectrust.settings_sections import (
    Archive,
    Bridge,
    DatabaseSection,
    Identity,
    Keys,
    Limits,
    Logging,
    Notifications,
    Operator,
    Outbound,
    Server,
    Signing,
    Storage,
    Timestamping,
    Workflows,
)

PREFIX = "CECTRUST_"
DEFAULT_FILE = Path("cectrust.toml")
NOT_SETTINGS = frozenset({"CECTRUST_SETTINGS", "CECTRUST_FAILPOINT"})
"""Variables with our prefix that are no setting: where the file is, and the fault that a test asks for."""


class Settings(BaseSettings):
    """Everything an operator decides. ``[plugins.<name>]`` is checked by the plugin's own model."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    data_dir: Path
    """Everything the server keeps on this machine; made with mode 0700."""
    test_mode: bool = False
    """Failpoints obey ``CECTRUST_FAILPOINT``. Never in production."""
    server: Server
    operator: Operator = Operator()
    database: DatabaseSection = DatabaseSection()
    storage: Storage = Storage()
    timestamping: Timestamping = Timestamping()
    notifications: Notifications = Notifications()
    identity: Identity = Identity()
    bridge: Bridge = Bridge()
    keys: Keys = Keys()
    signing: Signing = Signing()
    archive: Archive = Archive()
    limits: Limits = Limits()
    outbound: Outbound = Outbound()
    workflows: Workflows = Workflows()
    logging: Logging = Logging()
    plugins: dict[str, dict[str, Any]] = {}

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data_dir}/cectrust.db"

    @property
    def keys_socket(self) -> Path:
        return self.keys.socket or self.data_dir / "run" / "keys.sock"

    @property
    def keys_directory(self) -> Path:
        return self.keys.directory or self.data_dir / "keys"

    @property
    def log_origin(self) -> str:
        """Name of the transparency log (C2SP tlog-checkpoint, *origin*)."""
        return self.archive.origin or f"{self.server.host_of_base_url}/log"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what ``load_settings`` merged counts; nothing is picked up from the surroundings."""
        return (init_settings,)


def load_settings(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file, let the environment override it, check everything.

    Raises:
        Misconfigured: file missing or malformed, a key unknown, missing or wrong; every such key is named.
    """
    environment = os.environ if environment is None else environment
    chosen = path or Path(environment.get("CECTRUST_SETTINGS", DEFAULT_FILE))
    values = _merge(_read(chosen), _overrides(environment))
    try:
        return Settings(**_absolute(values, chosen.resolve().parent))
    except ValidationError as error:
        raise misconfigured(error, str(chosen)) from error


def misconfigured(error: ValidationError, where: str) -> Misconfigured:
    """One error that names every wrong key; values are left out because they may be secret."""
    named = "; ".join(f"{'.'.join(map(str, e['loc'])) or '(all)'}: {e['msg']}" for e in error.errors())
    return Misconfigured(
        "settings_invalid",
        f"設定（{where}）に誤りがあります。次のキーを直してください: {named}",
        f"The settings in {where} are wrong. Correct these keys: {named}",
    )


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise Misconfigured(
            "settings_missing",
            f"設定ファイル {path} がありません。CECTRUST_SETTINGS か --settings で場所を指定してください。",
            f"There is no settings file {path}. Name it by CECTRUST_SETTINGS or --settings.",
        )
    try:
        return TomlSource(Settings, path)()
    except ValueError as error:  # tomllib's errors and bad UTF-8 are ValueErrors
        raise Misconfigured(
            "settings_malformed",
            f"設定ファイル {path} を TOML として読めません: {error}",
            f"The settings file {path} is not TOML: {error}",
        ) from error


def _overrides(environment: Mapping[str, str]) -> dict[str, Any]:
    ours = {k: v for k, v in environment.items() if k.startswith(PREFIX) and k not in NOT_SETTINGS}
    unknown = sorted(k for k in ours if k[len(PREFIX) :].split("__")[0].lower() not in Settings.model_fields)
    if unknown:
        raise Misconfigured(
            "settings_unknown_variable",
            f"環境変数 {', '.join(unknown)} に対応する設定はありません。つづりを確かめてください。",
            f"No setting belongs to the environment variable {', '.join(unknown)}; check the spelling.",
        )
    return _Environment(ours)()


class _Environment(EnvSettingsSource):
    """pydantic's reading of ``SECTION__KEY``, from a given mapping instead of the process."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = {name.lower(): value for name, value in variables.items()}
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._variables


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = _merge(merged[name], value) if both else value
    return merged


_PATHS = (("keys", "socket"), ("keys", "directory"), ("timestamping", "anchors"), ("timestamping", "intermediates"))
"""Core settings that name files; relative ones are relative to the settings file."""


def _absolute(values: dict[str, Any], directory: Path) -> dict[str, Any]:
    result = dict(values)
    if isinstance(result.get("data_dir"), str):
        result["data_dir"] = directory / result["data_dir"]
    for section, key in _PATHS:
        if isinstance(found := result.get(section), dict) and key in found:
            result[section] = {**found, key: _under(directory, found[key])}
    return result


def _under(directory: Path, value: Any) -> Any:
    if isinstance(value, list):
        return [_under(directory, each) for each in value]
    return directory / value if isinstance(value, str) else value
