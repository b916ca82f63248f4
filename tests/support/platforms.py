"""Settings files and composed platforms for tests."""

from __future__ import annotations

from pathlib import Path

from cectrust.platform import Platform, compose
from cectrust.plugins import load_plugins
from cectrust.sdk.protocols import Clock
from cectrust.settings import load_settings


def settings_file(directory: Path, database_url: str, more: str = "") -> Path:
    """Write the smallest ``cectrust.toml``; ``more`` is appended."""
    path = directory / "cectrust.toml"
    top = 'data_dir = "data"\ntest_mode = true\n[server]\nbase_url = "http://localhost:8710"\n'
    path.write_text(f'{top}[database]\nurl = "{database_url}"\n{more}')
    return path


def platform(directory: Path, database_url: str, *, clock: Clock | None = None, more: str = "") -> Platform:
    """A platform with the built-in plugins only, whatever is installed beside them."""
    settings = load_settings(settings_file(directory, database_url, more), {})
    return compose(settings, plugins=load_plugins(installed=[]), clock=clock)
