"""The parent's side of one key store: starts its worker, asks, kills and replaces it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..errors import WORKER_ERRORS, BridgeError, DeviceError, NoModule
from ..formats.certificates import UnreadableCertificate
from ..processes.channel import ChannelClosed
from ..processes.process import Child
from .kinds import PKCS11, StoreSetting
from .model import Certificate, Token, certificate_on, is_authority, token_of
from .rights import writable_by_others
from .timeouts import Timeouts

log = logging.getLogger(__name__)
Report = Callable[[int, bytes], Awaitable[None]]
"""Called as each signature comes off the token: how many are done, and the newest signature."""


class WorkerDied(DeviceError):
    """The worker process ended by itself."""


@dataclass(frozen=True)
class Survey:
    """`shown`: tokens, each followed by its certificates. `authorities`: DER of the authorities' on them."""

    shown: list[Certificate | Token]
    authorities: list[bytes]


class KeyStore:
    """One key store, known to the person as `name`, and the process that has it open.

    Everything that takes a `pin` takes the window's pipe (`pinpipe`); None if the token asks on its own keys.
    """

    def __init__(self, setting: StoreSetting, timeouts: Timeouts) -> None:
        self.name, self.setting = setting.name, setting
        self._timeouts = timeouts
        self.unreadable = 0
        """Tokens that the last look found and could not read."""
        self._child: Child | None = None
        self._turn = asyncio.Lock()

    def state(self) -> str:
        """For `env.check`: ok, missing (no such file), unsafe (others may write it) or failed (died)."""
        if not self.setting.path.is_file():
            return "missing"
        if self._is_unsafe(self._loaded()):
            return "unsafe"
        return "failed" if self._child is not None and not self._child.is_alive() else "ok"

    def is_busy(self) -> bool:
        """Is a question under way?"""
        return self._turn.locked()

    async def tokens(self) -> list[Token]:
        """Present tokens, looked at afresh."""
        answer = await self._look("tokens")
        self._count_unreadable(answer)
        return [token_of(self.name, entry["token"]) for entry in answer["tokens"]]

    async def survey(self) -> list[Certificate | Token]:
        """Tokens of this store, each followed by its certificates."""
        return (await self.everything()).shown

    async def everything(self) -> Survey:
        """The same, with the authorities' certificates."""
        answer = await self._look("survey")
        self._count_unreadable(answer)
        survey = Survey([], [])
        for entry in answer["tokens"]:
            token = token_of(self.name, entry["token"])
            named = list(map(bytes.fromhex, entry["certificates"]))
            unnamed = map(bytes.fromhex, entry.get("unnamed", ()))
            survey.shown.extend([token, *_readable(token, named)])
            survey.authorities.extend(filter(is_authority, [*named, *unnamed]))
        return survey

    async def sign(
        self,
        certificate: Certificate,
        mechanism: str,
        octets: Sequence[bytes],
        pin: int | None,
        report: Report,
    ) -> list[bytes]:
        """Raw signatures in order; what `report` was given before an error is valid."""
        command = {
            **_about(certificate.token),
            "certificate": certificate.der.hex(),
            "mechanism": mechanism,
            "octets": [each.hex() for each in octets],
            # Whatever begins within these seconds has ended, or its worker, when the session's time is over.
            "seconds": self._timeouts.session - self._timeouts.sign,
        }
        signatures: list[bytes] = []

        async def keep(done: int, signature: bytes) -> None:
            signatures.append(signature)
            await report(done, signature)

        await self._ask({"do": "sign", **command}, self._allowed(self._timeouts.sign, pin), pin, keep)
        return signatures

    async def act(self, do: str, token: Token, pin: int | None, **facts: Any) -> dict[str, Any]:
        """`change_pin`, `generate`, `request` or `store`, as `worker.Store` has them."""
        return await self._ask({"do": do, **_about(token), **facts}, self._allowed(self._timeouts.act, pin), pin)

    def stop(self) -> None:
        """End the worker; the next question starts another."""
        if self._child is not None:
            self._child.kill()
            self._child.close()
        self._child = None

    def launch(self, setting: StoreSetting) -> Child:
        """A new worker."""
        return Child("worker", *setting.arguments())

    def _allowed(self, usual: float, pin: int | None) -> float:
        """Without a pipe the PIN is entered on the token's own keys, while the worker waits for them."""
        return usual if pin is not None else usual + self._timeouts.own_keys

    def _loaded(self) -> StoreSetting:
        """With the library itself in place of links: others may turn a link, but only what was judged is loaded."""
        return replace(self.setting, path=self.setting.path.resolve()) if self.setting.kind == PKCS11 else self.setting

    def _is_unsafe(self, setting: StoreSetting) -> bool:
        """A library that others can write would run with this user's rights and see his PIN."""
        return setting.kind == PKCS11 and writable_by_others(setting.path)

    def _count_unreadable(self, answer: Mapping[str, Any]) -> None:
        """Said once: the bridge looks every few seconds."""
        unreadable: int = answer.get("unreadable", 0)
        if unreadable and unreadable != self.unreadable:
            log.warning("%d tokens of %s cannot be read", unreadable, self.name)
        self.unreadable = unreadable

    async def _look(self, do: str) -> dict[str, Any]:
        """Looking takes no PIN and changes nothing: a worker that died while idle is replaced unnoticed."""
        died_idle = self._child is not None
        try:
            return await self._ask({"do": do}, self._timeouts.survey)
        except WorkerDied:
            if not died_idle:
                raise
        return await self._ask({"do": do}, self._timeouts.survey)

    async def _worker(self) -> Child:
        if self._child is not None and self._child.is_alive():
            return self._child
        self.stop()
        setting = self._loaded()
        if not setting.path.is_file():
            raise NoModule(f"{self.name}: no such file")
        if self._is_unsafe(setting):
            raise NoModule(f"{self.name}: others may write the module or its folder")
        self._child = self.launch(setting)
        answer = await self._child.receive(self._timeouts.load)
        if "error" in answer.fields:
            raise NoModule(f"{self.name}: does not load")
        return self._child

    async def _ask(
        self, command: Mapping[str, Any], timeout: float, pin: int | None = None, report: Report | None = None
    ) -> dict[str, Any]:
        """One question at a time: the worker has one thread, and answers come without a name."""
        async with self._turn:
            try:
                answer = await self._conversation(command, timeout, [] if pin is None else [pin], report)
            except (asyncio.CancelledError, BridgeError):
                # Its answer would be taken for the answer to the next question.
                self.stop()
                raise
            except (TimeoutError, ChannelClosed) as error:
                self.stop()
                log.warning("worker of %s was killed: %s", self.name, type(error).__name__)
                raise (WorkerDied if isinstance(error, ChannelClosed) else DeviceError) from error
        if "error" in answer:
            raise WORKER_ERRORS[answer["error"]](**answer["facts"])
        return answer

    async def _conversation(
        self, command: Mapping[str, Any], timeout: float, descriptors: Sequence[int], report: Report | None
    ) -> dict[str, Any]:
        child = await self._worker()
        answer = (await child.ask(command, timeout, descriptors)).fields
        while "progress" in answer:
            if report is not None:
                await report(answer["progress"], bytes.fromhex(answer["signature"]))
            # The PIN was entered long ago, wherever that was.
            answer = (await child.receive(self._timeouts.sign)).fields
        return answer


def _about(token: Token) -> dict[str, Any]:
    names = ("label", "serial", "manufacturer", "model", "pin_state")
    return {"token": {name: getattr(token, name) for name in names}}


def _readable(token: Token, ders: Sequence[bytes]) -> list[Certificate]:
    """Certificates that parse and are no CA's; one broken object must not hide the others."""
    found = []
    for der in ders:
        try:
            certificate = certificate_on(token, der)
        except UnreadableCertificate:
            log.warning("a certificate on a token of %s cannot be read", token.module)
            continue
        found += [certificate] if certificate is not None else []
    return found
