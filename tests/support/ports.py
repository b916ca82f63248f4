"""Ports that nobody else takes between the choice and the use."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

_GIVEN_BY_THE_KERNEL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_BELOW = 12_000


def listening() -> socket.socket:
    """Where a test serves itself: the socket is open from the choice on, and its descriptor is handed to the server."""
    return socket.create_server(("127.0.0.1", 0))


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def free_port() -> int:
    return free_ports(1)[0]


def free_ports(count: int) -> tuple[int, ...]:
    """For other programs, which bind them later: below those that the kernel gives to every connection and every test.

    Held together while they are chosen, so that they differ.
    """
    first = int(_GIVEN_BY_THE_KERNEL.read_text().split()[0])
    candidates = random.SystemRandom().sample(range(first - _BELOW, first), _BELOW)
    chosen: list[socket.socket] = []
    with ExitStack() as held:
        while len(chosen) < count:
            with suppress(OSError):  # somebody has this one
                chosen.append(held.enter_context(socket.create_server(("127.0.0.1", candidates.pop()))))
        return tuple(map(port_of, chosen))
