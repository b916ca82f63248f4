"""Slow work with outsiders happens between transactions: our own server may have to write before it answers them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from cectrust.contracts import service as contracts
from cectrust.contracts.service import Registration, Upload
from cectrust.identity import service as identity
from cectrust.identity.service import SYSTEM
from cectrust.sdk.errors import Conflict
from cectrust.signing import service
from tests.support.authorities import KIND
from tests.support.house import House


class Meanwhile:
    """Does something else before each call of a collaborator, as another process would."""

    def __init__(self, collaborator: Any, act: Callable[[], object]) -> None:
        self._collaborator, self._act = collaborator, act
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._collaborator, name)

        def call(*arguments: Any) -> Any:
            self.calls += 1
            self._act()
            return found(*arguments)

        return call


def writing(home: House) -> Callable[[], object]:
    """A write of its own; it would wait for a writer that waits for it, and fail when the patience is over."""

    def write() -> None:
        with home.platform.work() as work:
            identity.create_company(SYSTEM, work, "丙建設株式会社")

    return write


def with_outsiders(home: House, act: Callable[[], object]) -> tuple[Any, Meanwhile, Meanwhile]:
    """The platform with authorities and parsers that do ``act`` before they answer."""
    authorities, parsers = Meanwhile(home.platform.revocation, act), Meanwhile(home.platform.parsers, act)
    return dataclasses.replace(home.platform, revocation=authorities, parsers=parsers), authorities, parsers


def test_no_transaction_is_open_while_authorities_are_asked_and_files_are_read(home: House) -> None:
    place, authorities, parsers = with_outsiders(home, writing(home))
    form = Registration("外壁改修工事", home.recipient.actor.id, (KIND,))
    contract = contracts.register(home.sender.actor, place, form, Upload(home.document, "契約書.pdf"))
    request = home.prepared(home.sender, contract.id, place)
    assert authorities.calls
    assert parsers.calls == 3
    home.do(service.bind_connection, home.sender.actor, request.batch_id, home.connected(home.sender).id)
    home.do(service.note_order, home.sender.actor, request.batch_id)
    asked = authorities.calls
    service.accept(home.sender.actor, place, request.batch_id, home.sender.result(request, home.origin))
    assert authorities.calls > asked
    home.complete(request.id)


def test_a_document_replaced_while_it_is_prepared_is_not_what_gets_signed(home: House) -> None:
    contract = home.register()
    home.request(home.sender, contract.id)

    def replace() -> None:
        if len(home.contract(contract.id).documents) == 1:
            upload = Upload(home.document, "第2版.pdf")
            contracts.replace_document(home.sender.actor, home.platform, contract.id, upload)

    place, _, _ = with_outsiders(home, replace)
    with pytest.raises(Conflict) as refused:
        home.prepared(home.sender, contract.id, place)
    assert refused.value.code == "changed_meanwhile"


def test_fields_are_added_once_though_two_colleagues_begin_at_once(home: House) -> None:
    contract = home.register()
    begun: list[str] = []

    def begin() -> None:
        if not begun:
            begun.append(contract.id)
            home.request(home.sender, contract.id)

    place = dataclasses.replace(home.platform, parsers=Meanwhile(home.platform.parsers, begin))
    with pytest.raises(Conflict) as refused:
        home.prepared(home.sender, contract.id, place)
    assert refused.value.code == "changed_meanwhile"
    assert [revision.kind for revision in home.contract(contract.id).document.revisions] == ["uploaded", "fields"]


def test_a_signing_dialog_can_be_opened_in_a_reading_transaction(home: House) -> None:
    contract = home.register()
    found, slot = home.read(contracts.slot_to_sign, home.sender.actor, contract.id)
    assert found.id == contract.id
    assert slot is None
