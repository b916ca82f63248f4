"""A driver that hangs: its worker is killed in time, another takes its place, and the next request works."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

import pytest
from bridge_house import PIN
from cectrust_bridge.errors import BridgeError, DeviceError
from cectrust_bridge.tokens.model import Certificate, Token
from cectrust_bridge.tokens.modules import Modules
from cectrust_bridge.tokens.store import KeyStore
from two_stores import MakeStores, TwoStores

Work = Callable[[KeyStore], Awaitable[object]]
SHORT, LONG = 1.5, 60.0


async def certificate(store: KeyStore) -> Certificate:
    return next(each for each in await store.survey() if isinstance(each, Certificate))


async def sign(store: KeyStore, pin: str | None = PIN) -> list[bytes]:
    """One signature; without a PIN the token asks for it."""
    chosen = await certificate(store)
    return await store.sign(chosen, chosen.mechanisms[0], [b"octets"], None if pin is None else pipe(pin), unheard)


async def generate(store: KeyStore) -> object:
    """Another key each time: one that is there is not made again."""
    [token] = [each for each in await store.survey() if isinstance(each, Token)]
    return await store.act("generate", token, pipe(PIN), type="rsa2048", key_id=os.urandom(4).hex(), label="x")


async def unheard(_: int, __: bytes) -> None:
    """Nobody counts here."""


def pipe(pin: str) -> int:
    readable, writable = os.pipe()
    with os.fdopen(writable, "wb") as window:
        window.write(pin.encode())
    return readable


async def works_at_last(store: KeyStore, work: Work) -> object:
    """Starting a worker may take longer than these tests allow; a hang in the script happens once."""
    while True:
        try:
            return await work(store)
        except BridgeError:
            continue


@pytest.mark.parametrize(
    ("limit", "at", "work"),
    [("survey", "list", KeyStore.tokens), ("sign", "sign", sign), ("act", "generate", generate)],
)
def test_a_driver_that_hangs_is_killed_and_replaced(two_stores: MakeStores, limit: str, at: str, work: Work) -> None:
    stores = two_stores(**{limit: SHORT})

    async def story(_: Modules) -> list[list[int]]:
        store = stores.stores["bad"]
        await works_at_last(store, work)
        [before] = stores.workers("bad")
        stores.plug("bad", {"at": at, "do": "hang"})
        with pytest.raises(DeviceError):
            await work(store)
        killed = stores.workers("bad")
        assert await works_at_last(store, work)
        return [[before], killed, stores.workers("bad")]

    [before], killed, [after] = stores.run(story)
    assert (killed, before != after) == ([], True)


def test_a_driver_that_hangs_while_it_loads_is_killed_and_replaced(two_stores: MakeStores) -> None:
    stores = two_stores(load=4)
    stores.plug("bad", {"at": "load", "do": "hang"})

    async def story(_: Modules) -> list[int]:
        with pytest.raises(DeviceError):
            await stores.stores["bad"].tokens()
        assert stores.workers("bad") == []
        assert await works_at_last(stores.stores["bad"], KeyStore.tokens)
        return stores.workers("bad")

    assert len(stores.run(story)) == 1


def protected(stores: TwoStores, *events: dict[str, object]) -> None:
    stores.plug("bad", *events, flags=["PROTECTED_AUTHENTICATION_PATH"])


SLOW = {"do": "slow", "seconds": 2 * SHORT}


def test_who_enters_a_pin_on_the_tokens_own_keys_gets_the_time_that_the_window_promises(two_stores: MakeStores) -> None:
    stores = two_stores(sign=SHORT, own_keys=LONG)
    protected(stores, {"at": "pinpad", **SLOW})
    assert stores.run(lambda _: sign(stores.stores["bad"], None))


def test_that_time_is_for_the_tokens_own_keys_only(two_stores: MakeStores) -> None:
    stores = two_stores(sign=SHORT, own_keys=LONG)
    stores.plug("bad", {"at": "login", **SLOW})
    with pytest.raises(DeviceError):
        stores.run(lambda _: sign(stores.stores["bad"]))


def test_that_time_ends_too(two_stores: MakeStores) -> None:
    stores = two_stores(sign=SHORT / 2, own_keys=SHORT / 2)
    protected(stores, {"at": "pinpad", "do": "hang"})
    with pytest.raises(DeviceError):
        stores.run(lambda _: sign(stores.stores["bad"], None))


def test_the_time_of_a_session_is_the_workers_to_keep(two_stores: MakeStores) -> None:
    stores = two_stores(sign=LONG, session=LONG)
    with pytest.raises(DeviceError):
        stores.run(lambda _: sign(stores.stores["bad"]))


def test_once_logged_in_on_the_tokens_own_keys_each_signature_has_its_usual_time(two_stores: MakeStores) -> None:
    stores = two_stores(sign=SHORT, own_keys=10 * LONG)
    protected(stores, {"at": "sign", "nth": 2, "do": "hang"})

    async def two(_: Modules) -> None:
        chosen = await certificate(stores.stores["bad"])
        await stores.stores["bad"].sign(chosen, chosen.mechanisms[0], [b"first", b"second"], None, unheard)

    with pytest.raises(DeviceError):
        stores.run(two)
