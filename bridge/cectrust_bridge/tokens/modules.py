"""All key stores of a bridge as one: PKCS#11 modules and PKCS#12 files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from ..errors import CertNotFound, DeviceError, NoToken, TokenRemoved
from .everywhere import Everywhere
from .model import Certificate, Token
from .shelf import Read, Shelf
from .store import KeyStore, Report, WorkerDied
from .timeouts import Timeouts

Found = TypeVar("Found")
Present = frozenset[tuple[str, str, str, str]]
"""Module, serial, model and label of what is there."""


def configured(read: Read, timeouts: Timeouts) -> Modules:
    """The stores of a profile, read again at every look. Settings know two kinds and no other."""
    return Modules([KeyStore(setting, timeouts) for setting in read()], timeouts, read)


class Modules:
    """Every key store, in the order of the settings. Everything with a `pin` is as in `KeyStore`."""

    def __init__(self, stores: Iterable[KeyStore], timeouts: Timeouts, read: Read | None = None) -> None:
        self._shelf = Shelf(stores, read, lambda setting: KeyStore(setting, timeouts))
        self._everywhere = Everywhere(timeouts.listing)
        self.seen: Present = frozenset()
        """What the last look at all stores found; of a store that was late, what was there before."""

    def names(self) -> list[str]:
        """Of all stores."""
        return [store.name for store in self._shelf.stores()]

    def states(self) -> list[dict[str, str]]:
        """For `env.check`."""
        return [{"name": store.name, "state": store.state()} for store in self._shelf.stores()]

    async def present(self) -> list[Token]:
        """Present tokens, an empty list if there are none; NoModule, DeviceError if no store works."""
        return await self._look(KeyStore.tokens)

    async def tokens(self) -> list[Token]:
        """Present tokens; NoToken if there are none, NoModule or DeviceError if no store works."""
        tokens = await self.present()
        if not tokens:
            raise NoToken
        return tokens

    async def token(self, module: str, serial: str, model: str) -> Token:
        """The one token so named; TokenRemoved if it is not there or two look alike."""
        named = [
            token
            for token in await self.tokens()
            if (token.module, token.serial, token.model) == (module, serial, model)
        ]
        if len(named) != 1:
            raise TokenRemoved
        return named[0]

    async def certificates(self) -> list[Certificate]:
        """End-entity certificates on all present tokens (an empty list if tokens have none).

        A token that two modules drive shows its certificates twice: only the first store's are listed.
        """
        found = await self._look(KeyStore.survey)
        if not found:
            raise NoToken
        first: dict[bytes, Certificate] = {}
        for each in found:
            if isinstance(each, Certificate):
                first.setdefault(each.der, each)
        return list(first.values())

    async def certificate(self, sha256: str) -> Certificate:
        """The certificate of this digest; CertNotFound, or DeviceError if it may be where nobody answers yet."""
        for certificate in await self.certificates():
            if certificate.sha256 == sha256:
                return certificate
        raise DeviceError if self._everywhere.is_someone_late() else CertNotFound

    async def sign(
        self,
        certificate: Certificate,
        mechanism: str,
        octets: Sequence[bytes],
        pin: int | None,
        report: Report,
    ) -> list[bytes]:
        """As `KeyStore.sign`, on the store that has the certificate."""
        return await self._shelf.store(certificate.token.module).sign(certificate, mechanism, octets, pin, report)

    async def change_pin(self, token: Token, pins: int) -> None:
        """`pins`: the pipe with old and new PIN. PinRejected leaves the old one."""
        await self._act("change_pin", token, pins)

    async def generate(self, token: Token, key_type: str, key_id: str, label: str, pin: int | None) -> bytes:
        """SubjectPublicKeyInfo (DER) of the key `key_id` (hex CKA_ID), made on the token unless it is there."""
        answer = await self._act("generate", token, pin, type=key_type, key_id=key_id, label=label)
        return bytes.fromhex(answer["public_key"])

    async def request(self, token: Token, key_id: str, subject: Sequence[tuple[str, str]], pin: int | None) -> bytes:
        """PKCS#10 (DER) signed by the key `key_id`; KeyNotFound."""
        answer = await self._act("request", token, pin, key_id=key_id, subject=list(subject))
        return bytes.fromhex(answer["request"])

    async def store(self, token: Token, certificate: bytes, chain: Sequence[bytes], pin: int | None) -> None:
        """Put a certificate beside its key; CertKeyMismatch if the token has no such key."""
        ders = [der.hex() for der in chain]
        await self._act("store", token, pin, certificate=certificate.hex(), chain=ders)

    def stop(self) -> None:
        """End every worker."""
        self._everywhere.stop()
        self._shelf.stop()

    async def _act(self, do: str, token: Token, pin: int | None, **facts: Any) -> dict[str, Any]:
        return await self._shelf.store(token.module).act(do, token, pin, **facts)

    async def _look(self, look: Callable[[KeyStore], Awaitable[list[Found]]]) -> list[Found]:
        stores = self._shelf.stores()
        answers = await self._everywhere.look(stores, look)
        tokens = [each for each in answers.found if isinstance(each, Token)]
        before = {each for each in self.seen if each[0] in answers.late}
        self.seen = frozenset(before | {(each.module, each.serial, each.model, each.label) for each in tokens})
        return answers.or_error(len(stores))


__all__ = ["KeyStore", "Modules", "Report", "WorkerDied", "configured"]
