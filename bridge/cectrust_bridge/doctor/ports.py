"""Who listens on the bridge's ports (proc_net_tcp(5)), and is it this user's bridge?"""

from __future__ import annotations

import contextlib
import http.client
import os
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, found
from .surroundings import Surroundings

LISTEN = "0A"
ANSWER_SECONDS = 2.0
OTHER_USER = "ほかの利用者のプログラム / another user's program"


@dataclass(frozen=True)
class Holder:
    """A listening socket. `name`: the program's, as far as this user may know it; `user`: its user id."""

    port: int
    user: int
    name: str


def listening(around: Surroundings) -> list[Finding]:
    """Is a bridge of this user on one of the ports, and who is on the others?"""
    if sys.platform != "linux":
        return [found("port.unreadable")]
    held = list(holders(around.ports))
    ours = [each for each in held if each.user == os.getuid() and answers_as_bridge(each.port)]
    others = ", ".join(sorted({each.name for each in held if each not in ours}))
    if ours and others:
        return [found("port.squatted", port=ours[0].port, holder=others)]
    if ours:
        return [found("port.listening", port=ours[0].port)]
    named = ", ".join(map(str, around.ports))
    return [
        found("port.taken", holder=others, ports=named)
        if {each.port for each in held} == set(around.ports)
        else found("port.stopped")
    ]


def holders(ports: Collection[int]) -> Iterator[Holder]:
    """Every socket that listens on one of `ports`."""
    for name in ("tcp", "tcp6"):
        table = Path("/proc/self/net") / name
        for row in table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else ():
            fields = row.split()
            port = int(fields[1].rpartition(":")[2], 16)
            if port in ports and fields[3] == LISTEN:
                yield Holder(port, int(fields[7]), _program(fields[9], int(fields[7])))


def answers_as_bridge(port: int) -> bool:
    """A bridge gives plain requests an empty 403 and no word about itself (PROTOCOL.md section 1)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.status == 403 and answer.getheader("Server") is None and not answer.read(1)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _program(inode: str, user: int) -> str:
    """Only one's own processes can be looked into."""
    if user != os.getuid():
        return OTHER_USER
    wanted = f"socket:[{inode}]"
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(os.readlink(each) == wanted for each in (folder / "fd").iterdir()):
                return (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
    return "?"
