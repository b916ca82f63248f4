"""Many hostile connections at once: ``python hostile.py PORT CONNECTIONS SECONDS``; counts on stdout as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: cectrust-bridge.v1\r\n\r\n"
)
SQUATTERS = 8
Way = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


class Crowd:
    """Each member comes again as soon as it has been thrown out."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.seen: Counter[str] = Counter()

    def _opening(self, origin: str) -> bytes:
        return f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nOrigin: {origin}\r\n{UPGRADE}".encode()

    async def silent(self, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        """Says nothing."""
        await reader.read(1)

    async def slow(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """An octet now and then (slow-loris)."""
        for octet in self._opening("http://localhost:8000"):
            writer.write(bytes([octet]))
            await writer.drain()
            await asyncio.sleep(0.05)

    async def half(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Leaves in the middle of the handshake."""
        writer.write(self._opening("http://localhost:8000")[:90])
        await writer.drain()

    async def foreign(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A whole handshake of a page that is not paired."""
        writer.write(self._opening("https://evil.example"))
        answer = await reader.read(4096)
        self.seen[f"foreign answered {answer[9:12].decode()}"] += 1

    async def talkative(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Does not even wait for the answer: a flood of messages behind the handshake of an unpaired page."""
        writer.write(self._opening("http://localhost:8001") + b"\x81\x80\0\0\0\0" * 2000)
        answer = await reader.read(4096)
        self.seen[f"talkative answered {answer[9:12].decode()}"] += 1

    async def squatting(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The paired page itself as far as anybody sees, which takes a place and says nothing more."""
        writer.write(self._opening("http://localhost:8000"))
        answer = await reader.read(4096)
        self.seen[f"squatting answered {answer[9:12].decode()}"] += 1
        if b" 101 " in answer:
            await reader.read(4096)
        else:
            await asyncio.sleep(0.5)

    async def live(self, name: str, way: Way) -> None:
        """Come again and again."""
        while True:
            self.seen[name] += 1
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    await way(reader, writer)
                finally:
                    writer.close()
            await asyncio.sleep(0)


async def crowd(port: int, connections: int, seconds: float) -> Counter[str]:
    """All ways in equal numbers, at once, and twice as many squatters as there are places for one origin."""
    many = Crowd(port)
    ways = [many.silent, many.slow, many.half, many.foreign, many.talkative]
    members = [asyncio.create_task(many.live(way.__name__, way)) for n in range(connections) for way in [ways[n % 5]]]
    members += [asyncio.create_task(many.live("squatting", many.squatting)) for _ in range(SQUATTERS)]
    await asyncio.wait(members, timeout=seconds)
    for member in members:
        member.cancel()
    await asyncio.gather(*members, return_exceptions=True)
    return many.seen


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    print("ready", flush=True)
    print(json.dumps(asyncio.run(crowd(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))), flush=True)
