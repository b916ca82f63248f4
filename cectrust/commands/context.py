"""Settings for a command: read when it runs, not when ``cectrust --help`` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cectrust import logs
from cectrust.platform import Platform, compose
from cectrust.sdk.errors import Misconfigured
from cectrust.sdk.protocols import PluginContext
from cectrust.settings import DEFAULT_FILE, Settings, load_settings


def settings_path() -> Path:
    """``--settings``, else ``CECTRUST_SETTINGS`` (click reads both), else the default."""
    chosen: Path | None = click.get_current_context().find_root().params.get("settings")
    return (chosen or DEFAULT_FILE).resolve()


def the_settings() -> Settings:
    return load_settings(settings_path())


@contextmanager
def the_platform() -> Iterator[Platform]:
    """The composition for one command; closed when it ends."""
    settings = the_settings()
    logs.configure(settings.logging)
    platform = compose(settings)
    try:
        yield platform
    finally:
        platform.close()


def plugin_context(name: str) -> PluginContext:
    """What ``click.pass_obj`` of a plugin's command gives, called: the plugin's context, closed with the command."""
    platform = click.get_current_context().find_root().with_resource(the_platform())
    if name not in platform.contexts:
        raise Misconfigured(
            "plugin_inactive",
            f"プラグイン「{name}」の設定 [plugins.{name}] がありません。",
            f"The plugin {name!r} has no section [plugins.{name}].",
        )
    return platform.contexts[name]
