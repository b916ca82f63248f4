"""Checks of the computer itself: operating system, screen, autostart, configuration."""

from __future__ import annotations

import asyncio
import platform
import sys

from ..processes.channel import ChannelClosed
from ..processes.process import Child
from ..profile.settings import ProfileError
from . import autostart, supported
from .finding import Finding, found
from .surroundings import Surroundings

MAX_FILE = 65536
SMALLEST = (1024, 768)
SCREEN_SECONDS = 4.0


def operating_system(around: Surroundings) -> list[Finding]:
    """os-release(5) against the list of `supported`."""
    as_of = supported.AS_OF.isoformat()
    if sys.platform != "linux":
        return [found("os.untried", name=f"{platform.system()} {platform.release()}", as_of=as_of)]
    text = around.at("/etc/os-release").read_bytes()[:MAX_FILE].decode("utf-8", "replace")
    system = supported.parse(text)
    oldest = supported.OLDEST.get(system.identifier)
    if oldest is None:
        return [found("os.untried", name=system.name, as_of=as_of)]
    if system.number() < oldest:
        return [found("os.old", name=system.name, as_of=as_of, wanted=".".join(map(str, oldest)))]
    return [found("os.supported", name=system.name, as_of=as_of)]


def screen(around: Surroundings) -> list[Finding]:
    """The size that windows have, asked in a process of its own: a window system may hang."""
    if sys.platform == "linux" and not around.environment.get("DISPLAY"):
        return [found("screen.none")]
    child = Child("screen")
    try:
        width, height = _size(child)
    except (ChannelClosed, TimeoutError):
        return [found("screen.none")]
    finally:
        child.kill()
        child.close()
    enough = width >= SMALLEST[0] and height >= SMALLEST[1]
    return [found("screen.enough" if enough else "screen.small", width=width, height=height)]


def _size(child: Child) -> tuple[int, int]:
    size = asyncio.run(child.receive(SCREEN_SECONDS)).fields
    return int(size["width"]), int(size["height"])


def starts_at_login(around: Surroundings) -> list[Finding]:
    """XDG autostart."""
    if sys.platform != "linux":
        return [found("autostart.unknown")]
    return [found(f"autostart.{autostart.state(around).value}")]


def configuration(around: Surroundings) -> list[Finding]:
    """Nothing is said of a configuration that is right."""
    try:
        around.settings()
    except ProfileError as error:
        return [found("config.broken", reason=str(error))]
    return []
