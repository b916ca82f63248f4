"""A connection that lives without a socket: the bridge's own code, fed from a script and heard in every answer."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any

from cectrust_bridge import errors
from cectrust_bridge.pairing.model import Pairing
from cectrust_bridge.profile.folder import Profile
from cectrust_bridge.service.bridge import Bridge
from cectrust_bridge.signing.course import Tools
from cectrust_bridge.transport.connection import Connection
from cectrust_bridge.transport.front import Front
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.exceptions import ConnectionClosedOK

from bridge.tests.driver import ISSUER, ORIGIN, Server
from tests.fuzz.desk import CONTRACT, Card, Glass, Person
from tests.fuzz.target import compact, json_of

PORT = 48710
MOST_MESSAGES = 10
NOTIFICATIONS = {"sign.progress", "sign.result", "token.changed"}


def _all_errors(root: type[errors.BridgeError]) -> Iterator[tuple[int, str]]:
    yield root.code, root.name
    for each in root.__subclasses__():
        yield from _all_errors(each)


ERRORS = frozenset(_all_errors(errors.BridgeError))
"""Code and name of every error that the bridge has; PROTOCOL.md section 2 lists the same."""


class ScriptedSocket:
    """Says what the input says: a line is a text message, or `=` and octets, or `*` and a request to have signed, or
    `@`: the contract. `?` waits for all answers, `-` has the person decline from here on, `.` leaves at once.

    What is wrong is noted, because who answers may be a task whose end nobody waits for.
    """

    def __init__(self, data: bytes, server: Server) -> None:
        self._lines, self._server = data.split(b"\n")[:MOST_MESSAGES], server
        self.sent: list[Any] = []
        self.wrong: list[str] = []
        self.calls: set[asyncio.Task[None]] = set()
        self.closed = False

    async def send(self, text: str) -> None:
        """What the bridge says is JSON, and an error is one of ours."""
        if self.closed:
            raise ConnectionClosedOK(None, None)
        said = json_of(text.encode())
        self.sent.append(said)
        if not self._is_of_ours(said):
            self.wrong.append(f"said {text[:300]}")

    @staticmethod
    def _is_of_ours(said: Any) -> bool:
        if not isinstance(said, dict) or said.get("jsonrpc") != "2.0":
            return False
        if "method" in said:
            return said["method"] in NOTIFICATIONS
        if "error" in said:
            return (said["error"]["code"], said["error"]["message"]) in ERRORS
        return "result" in said and "id" in said

    async def close(self, code: int, _: str) -> None:
        """The bridge has had enough."""
        if code not in (1008, 1009):
            self.wrong.append(f"closed with {code}")
        self.closed = True

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        for line in self._lines:
            if self.closed or line == b".":
                return
            if line == b"?":
                await self._answered()
            elif line == b"-":
                Person.agrees = False
            else:
                yield self._message(line)
            await asyncio.sleep(0)
        await self._answered()

    async def _answered(self) -> None:
        """Until no call is open: what a page does that waits."""
        while self.calls:
            await asyncio.wait(self.calls)

    def _message(self, line: bytes) -> str | bytes:
        if line[:1] in (b"=", b"@"):
            return line[1:] if line != b"@" else CONTRACT
        wanted = json_of(line[1:]) if line[:1] == b"*" else None
        if isinstance(wanted, dict) and isinstance(wanted.get("method"), str):
            return self._signed(wanted)
        return line.decode("utf-8", "replace")

    def _signed(self, wanted: dict[str, Any]) -> str:
        results = [each.get("result") for each in self.sent if isinstance(each, dict)]
        cn = [result["cn"] for result in results if isinstance(result, dict) and "cn" in result][-1:]
        method = wanted.pop("method")
        claims = {name: value for name, value in wanted.items() if name not in ("cn", "op")}
        op = {"sign.begin": "sign"}.get(method, method)
        params = self._server.request("".join(cn), op, **claims)
        return compact({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).decode("utf-8", "replace")


class Heard(Connection):
    """A connection whose calls are known to the socket, and how each of them ended."""

    def __init__(self, bridge: Bridge, socket: Any, pairing: Pairing) -> None:
        super().__init__(bridge, socket, ORIGIN, pairing)
        self._scripted: ScriptedSocket = socket
        socket.calls = self._calls

    def _start(self, work: Awaitable[None]) -> None:
        super()._start(self._noted(work))

    async def _noted(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:
            self._scripted.wrong.append(f"a call ended in {error!r}")


class Unexpected(logging.Handler):
    """Hears what the bridge caught without knowing it: to the page that is a `device_error`, to us a defect."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it for the end of the conversation."""
        self.heard.append(record.getMessage())

    def taken(self) -> list[str]:
        """All since the last time."""
        heard, self.heard = self.heard, []
        return heard


class Stage:
    """A bridge whose token, person and renderer answer at once, one paired server, and one loop for all inputs."""

    def __init__(self) -> None:
        memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # results are kept and synced thousands of times
        self._folder = tempfile.TemporaryDirectory(dir=memory)
        profile = Profile(Path(self._folder.name) / "profile")
        (profile.folder / "config.toml").write_text("discover = false\n")
        identity = profile.identity()
        self.server = Server({"bridge_id": identity.bridge_id, "jwk": identity.jwk}, ORIGIN)
        key = self.server.identity.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        self.pairing = Pairing("試験", ISSUER, (ORIGIN,), key, "山田太郎")
        profile.book.add(self.pairing)
        profile.remember_listing(self.pairing, ORIGIN)
        self.bridge = self._bridge(profile)
        self.front = Front(self.bridge, profile.book, PORT)
        self.front._same_user = lambda *_: True
        self.loop = asyncio.new_event_loop()
        self.unexpected = Unexpected()
        logging.getLogger("cectrust_bridge").addHandler(self.unexpected)

    @staticmethod
    def _bridge(profile: Profile) -> Bridge:
        bridge = Bridge(profile, "terminal")
        person: Any = Person
        glass: Any = Glass
        bridge.tools = Tools(bridge.tools.identity, Card(), bridge.tools.kept, person, glass)
        return bridge

    def converse(self, data: bytes) -> list[Any]:
        """The whole life of one connection: all that was said. AssertionError if anything of it was wrong.

        The desk is free again when it is over, and nothing is left for the next one.
        """
        Person.agrees = True
        socket = ScriptedSocket(data, self.server)
        self.loop.run_until_complete(Heard(self.bridge, socket, self.pairing).serve())
        wrong = socket.wrong + self.unexpected.taken()
        if wrong:
            raise AssertionError("; ".join(wrong))
        with self.bridge.occupied():
            for kept in (self.bridge.profile.folder / "kept").iterdir():
                kept.unlink()
        return socket.sent


STAGE: list[Stage] = []


def stage() -> Stage:
    """Set up at the first input."""
    if not STAGE:
        STAGE.append(Stage())
    return STAGE[0]
