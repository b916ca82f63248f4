"""Whose process is at the other end of a loopback connection? Only the bridge's own user may speak to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ..platforms import NotHereYet

PeerCheck = Callable[[tuple[str, int], tuple[str, int]], bool]
ESTABLISHED = "01"
LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F")


def _rows(table: Path) -> Iterator[list[str]]:
    """Rows of a kernel socket table (proc_net_tcp(5)); an absent IPv6 table has none."""
    if table.exists():
        with table.open(encoding="ascii") as lines:
            next(lines, None)
            yield from (line.split() for line in lines)


def _owner_on_linux(peer_port: int, own_port: int) -> int | None:
    """User id of the established loopback socket `peer_port` → `own_port`, None if there is none."""
    local = {f"{address}:{peer_port:04X}" for address in LOOPBACK}
    remote = {f"{address}:{own_port:04X}" for address in LOOPBACK}
    for table in (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6")):
        for row in _rows(table):
            if row[1] in local and row[2] in remote and row[3] == ESTABLISHED:
                return int(row[7])
    return None


def _same_user_on_linux(peer: tuple[str, int], own: tuple[str, int]) -> bool:
    return _owner_on_linux(peer[1], own[1]) == os.getuid()


def peer_check() -> PeerCheck:
    """The check of this platform; NotHereYet where there is none: never start unguarded."""
    if sys.platform == "linux":
        return _same_user_on_linux
    if sys.platform == "darwin":
        from . import peer_macos

        return peer_macos.same_user
    if sys.platform == "win32":
        from . import peer_windows

        return peer_windows.same_user
    raise NotHereYet
