"""Several key stores: whatever one of them does, the others' tokens are found, and in time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cectrust_bridge.errors import BridgeError, DeviceError
from cectrust_bridge.tokens.modules import Modules
from two_stores import MakeStores

NEVER = 3600.0


async def serials(modules: Modules) -> set[str]:
    return {each.token.serial for each in await modules.certificates()}


async def until_both(modules: Modules) -> set[str]:
    """Starting a worker may take longer than these lists wait."""
    while len(found := await serials(modules)) < 2:
        await asyncio.sleep(0.05)
    return found


@pytest.mark.parametrize("do", ["remove", "error", "crash"])
def test_a_store_that_fails_hides_no_other(two_stores: MakeStores, do: str) -> None:
    stores = two_stores()
    stores.plug("bad", {"at": "list", "do": do}, {"at": "list", "do": do})
    assert stores.run(serials) == {"good"}


def test_when_every_store_fails_that_is_said(two_stores: MakeStores) -> None:
    stores = two_stores()
    for name in ("bad", "good"):
        stores.plug(name, {"at": "list", "do": "error"})
    with pytest.raises(DeviceError):
        stores.run(serials)


def test_a_store_that_hangs_does_not_keep_the_others_waiting(two_stores: MakeStores) -> None:
    """Were it waited for, or killed, this would take an hour."""
    stores = two_stores(listing=2, survey=NEVER)

    async def looks(modules: Modules) -> list[set[str]]:
        before = await until_both(modules)
        stores.plug("bad", {"at": "list", "do": "hang"})
        return [before, await serials(modules), await serials(modules)]

    assert stores.run(looks) == [{"bad", "good"}, {"good"}, {"good"}]


def test_a_store_that_was_late_is_asked_again_once_it_has_answered(two_stores: MakeStores, tmp_path: Path) -> None:
    stores, answering = two_stores(listing=1, survey=NEVER), tmp_path / "answering"

    async def looks(modules: Modules) -> set[str]:
        await until_both(modules)
        stores.plug("bad", {"at": "list", "do": "wait", "for": str(answering)})
        assert await serials(modules) == {"good"}
        assert {present[1] for present in modules.seen} == {"bad", "good"}, "late is not gone"
        answering.touch()
        return await until_both(modules)

    assert stores.run(looks) == {"bad", "good"}


def test_nothing_found_beside_a_store_that_hangs_is_not_no_token(two_stores: MakeStores) -> None:
    stores = two_stores(listing=2, survey=NEVER)

    async def looks(modules: Modules) -> None:
        await until_both(modules)
        stores.plug("bad", {"at": "list", "do": "hang"})
        stores.plug("good", spare=True)  # not in its slot
        await modules.tokens()

    with pytest.raises(BridgeError) as error:
        stores.run(looks)
    assert error.value.name == "device_error"


def test_a_certificate_in_a_store_that_hangs_is_not_said_to_be_gone(two_stores: MakeStores) -> None:
    stores = two_stores(listing=2, survey=NEVER)

    async def looks(modules: Modules) -> None:
        await until_both(modules)
        [wanted] = [each for each in await modules.certificates() if each.token.serial == "bad"]
        stores.plug("bad", {"at": "list", "do": "hang"})
        await modules.certificate(wanted.sha256)

    with pytest.raises(DeviceError):
        stores.run(looks)
