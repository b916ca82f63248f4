"""The parent's side of the token workers: starts, asks, kills and replaces them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from ..channel import ChannelClosed
from ..errors import WORKER_ERRORS, BridgeError, CertNotFound, DeviceError, NoModule, NoToken
from ..process import Child
from .model import Certificate, Token, certificate_on

LOAD_TIMEOUT = 15.0
SURVEY_TIMEOUT = 30.0
SIGN_TIMEOUT = 60.0
log = logging.getLogger(__name__)
Report = Callable[[bytes], Awaitable[None]]
"""Is given each signature as soon as the token has made it."""


class WorkerDied(DeviceError):
    """The worker process ended by itself."""


class Module:
    """One PKCS#11 module, known to the person as `name`, and the process that has it loaded."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self._child: Child | None = None

    def state(self) -> str:
        """For `env.check`: ok, missing (no such file) or failed (does not load or died)."""
        if not self.path.is_file():
            return "missing"
        return "failed" if self._child is not None and not self._child.is_alive() else "ok"

    async def survey(self) -> list[Certificate | Token]:
        """Tokens of this module, each followed by its certificates."""
        answer = await self._survey()
        found: list[Certificate | Token] = []
        for entry in answer["tokens"]:
            token = Token(module=self.name, **entry["token"])
            ders = [bytes.fromhex(der) for der in entry["certificates"]]
            found += [token, *_readable(token, ders)]
        return found

    async def sign(
        self,
        certificate: Certificate,
        mechanism: str,
        attributes: Sequence[bytes],
        pin: int | None,
        report: Report,
    ) -> None:
        """Report raw signatures in order. `pin`: the window's pipe to read; None if the token asks itself."""
        command = {
            "do": "sign",
            "serial": certificate.token.serial,
            "model": certificate.token.model,
            "certificate": certificate.der.hex(),
            "mechanism": mechanism,
            "attributes": [octets.hex() for octets in attributes],
        }
        await self._ask(command, SIGN_TIMEOUT, [] if pin is None else [pin], report)

    def stop(self) -> None:
        """End the worker; the next question starts another."""
        if self._child is not None:
            self._child.kill()
            self._child.close()
        self._child = None

    async def _survey(self) -> dict[str, Any]:
        """Looking takes no PIN and changes nothing: a worker that died while idle is replaced unnoticed."""
        died_idle = self._child is not None
        try:
            return await self._ask({"do": "survey"}, SURVEY_TIMEOUT)
        except WorkerDied:
            if not died_idle:
                raise
        return await self._ask({"do": "survey"}, SURVEY_TIMEOUT)

    async def _worker(self) -> Child:
        if self._child is not None and self._child.is_alive():
            return self._child
        self.stop()
        if not self.path.is_file():
            raise NoModule(f"{self.name}: no such file")
        self._child = Child("worker", str(self.path))
        answer = await self._child.receive(LOAD_TIMEOUT)
        if "error" in answer.fields:
            raise NoModule(f"{self.name}: does not load")
        return self._child

    async def _ask(
        self,
        command: dict[str, Any],
        timeout: float,
        descriptors: Sequence[int] = (),
        report: Report | None = None,
    ) -> dict[str, Any]:
        try:
            child = await self._worker()
            answer = (await child.ask(command, timeout, descriptors)).fields
            while "progress" in answer:
                if report is not None:
                    await report(bytes.fromhex(answer["signature"]))
                answer = (await child.receive(timeout)).fields
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


def _readable(token: Token, ders: Sequence[bytes]) -> list[Certificate]:
    """Certificates that parse and are no CA's; one broken object must not hide the others."""
    found = []
    for der in ders:
        try:
            certificate = certificate_on(token, der)
        except ValueError:
            log.warning("a certificate on token %s cannot be read", token.serial)
            continue
        found += [certificate] if certificate is not None else []
    return found


class Modules:
    """Every configured module, as one key store."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._modules = {module.name: module for module in modules}

    def states(self) -> list[dict[str, str]]:
        """For `env.check`."""
        return [{"name": module.name, "state": module.state()} for module in self._modules.values()]

    async def tokens(self) -> list[Token]:
        """Present tokens; NoToken if there are none, NoModule if no module works."""
        tokens = [each for each in await self._survey() if isinstance(each, Token)]
        if not tokens:
            raise NoToken
        return tokens

    async def certificates(self) -> list[Certificate]:
        """End-entity certificates on all present tokens (an empty list if tokens have none)."""
        found = await self._survey()
        if not found:
            raise NoToken
        return [each for each in found if isinstance(each, Certificate)]

    async def certificate(self, sha256: str) -> Certificate:
        """The certificate of this digest; CertNotFound."""
        for certificate in await self.certificates():
            if certificate.sha256 == sha256:
                return certificate
        raise CertNotFound

    async def sign(
        self,
        certificate: Certificate,
        mechanism: str,
        attributes: Sequence[bytes],
        pin: int | None,
        report: Report,
    ) -> None:
        """As `Module.sign`, on the module that has the certificate."""
        module = self._modules[certificate.token.module]
        await module.sign(certificate, mechanism, attributes, pin, report)

    def stop(self) -> None:
        """End every worker."""
        for module in self._modules.values():
            module.stop()

    async def _survey(self) -> list[Certificate | Token]:
        found: list[Certificate | Token] = []
        failures: list[NoModule] = []
        for module in self._modules.values():
            try:
                found += await module.survey()
            except NoModule as error:
                failures.append(error)
        if len(failures) == len(self._modules):
            raise NoModule
        return found
