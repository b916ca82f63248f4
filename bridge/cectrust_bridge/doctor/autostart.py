"""Does the bridge start with the desktop? (Desktop Application Autostart Specification 0.5)

A user's file of the same name stands before the system's, and `Hidden=true` in it turns the system's off.
"""

from __future__ import annotations

from pathlib import Path

from .surroundings import Surroundings

FILE = "cectrust-bridge.desktop"
MAX_FILE = 65536
ENTRY = """\
[Desktop Entry]
Type=Application
Version=1.4
Name=CECTRUST Signing Bridge
Name[ja]=CECTRUST 署名ブリッジ
Exec={command} run --minimised
Icon=cectrust-bridge
Terminal=false
StartupNotify=false
"""


def of_user(around: Surroundings) -> Path:
    """Where the user's own entry lies, or would."""
    base = around.environment.get("XDG_CONFIG_HOME") or str(around.home / ".config")
    return Path(base) / "autostart" / FILE


def of_system(around: Surroundings) -> Path:
    """Where the package puts it."""
    return around.at("/etc/xdg/autostart") / FILE


def is_on(around: Surroundings) -> bool:
    """The first entry that exists decides."""
    for path in (of_user(around), of_system(around)):
        if path.is_file():
            return not _hidden(path)
    return False


def _hidden(path: Path) -> bool:
    text = path.read_bytes()[:MAX_FILE].decode("utf-8", "replace")
    return any(line.replace(" ", "") == "Hidden=true" for line in text.splitlines())
