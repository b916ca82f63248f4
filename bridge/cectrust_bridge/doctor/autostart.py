"""Does the bridge start with the desktop? (Desktop Application Autostart Specification 0.5)

A user's file of the same name stands before the system's, and `Hidden=true` in it turns the system's off; so does
what GNOME's own settings write. An entry whose program is not there starts nothing.
"""

from __future__ import annotations

import os
import shlex
from enum import Enum
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


class State(Enum):
    """`BROKEN`: on, but the program that it names is not there."""

    ON = "on"
    OFF = "off"
    BROKEN = "broken"


def of_user(around: Surroundings) -> Path:
    """Where the user's own entry lies, or would."""
    base = around.environment.get("XDG_CONFIG_HOME") or str(around.home / ".config")
    return Path(base) / "autostart" / FILE


def of_system(around: Surroundings) -> Path:
    """Where the package puts it."""
    return around.at("/etc/xdg/autostart") / FILE


def state(around: Surroundings) -> State:
    """The first entry that exists decides."""
    path = next((each for each in (of_user(around), of_system(around)) if each.is_file()), None)
    return State.OFF if path is None else _state_of(path, around)


def _state_of(path: Path, around: Surroundings) -> State:
    entry = _entry(path.read_bytes()[:MAX_FILE].decode("utf-8", "replace"))
    if entry.get("Hidden") == "true" or entry.get("X-GNOME-Autostart-enabled") == "false":
        return State.OFF
    tried = entry.get("TryExec")
    there = _exists(_first_word(entry.get("Exec", "")), around) and (tried is None or _exists(tried, around))
    return State.ON if there else State.BROKEN


def is_usable(path: Path, around: Surroundings) -> bool:
    """Would this entry start a program that is there?"""
    return path.is_file() and _state_of(path, around) is State.ON


def _entry(text: str) -> dict[str, str]:
    """The keys of the group [Desktop Entry] (Desktop Entry Specification 1.5)."""
    group, found = "", {}
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line
        elif group == "[Desktop Entry]" and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name.strip()] = value.strip()
    return found


def _first_word(command: str) -> str:
    try:
        return next(iter(shlex.split(command)), "")
    except ValueError:  # a quotation without an end
        return ""


def _exists(program: str, around: Surroundings) -> bool:
    if program.startswith("/"):
        return os.access(around.at(program), os.X_OK)
    folders = (around.environment.get("PATH") or os.defpath).split(os.pathsep)
    return bool(program) and any(os.access(around.at(folder) / program, os.X_OK) for folder in folders)
