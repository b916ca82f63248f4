"""A partner reads what was sent to it, and nothing that the sender made of it since."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text, update

from cectrust.contracts import service
from cectrust.contracts.model import Contract, State
from cectrust.contracts.service import Upload
from cectrust.contracts.store import Filters
from cectrust.contracts.tables import contracts
from cectrust.sdk.errors import Conflict, NotFound
from tests.support.contracts import blank_pdf
from tests.support.house import House
from tests.support.pages import browser_of

REPLACED = "送っていない第2版.pdf"
LAST_SENT = import_module("cectrust.database.migrations.versions.0011_sent_and_used").LAST_SENT


def take_back(home: House, contract_id: str, how: str) -> None:
    if how == "recalled":
        home.do(service.recall, home.sender.actor, contract_id, "差し替えます。")
    else:
        home.do(service.send_back, home.recipient.actor, contract_id, "工期が違います。")


def replaced(home: House, folder: Path, how: str = "sent_back") -> tuple[Contract, Contract]:
    """The contract as the partner got it, and as the sender has it with another, unsent PDF."""
    sent = home.sent()
    take_back(home, sent.id, how)
    upload = Upload(blank_pdf(folder / "second.pdf", pages=7), REPLACED)
    service.replace_document(home.sender.actor, home.platform, sent.id, upload)
    return sent, home.contract(sent.id)


def discard(home: House, contract_id: str) -> None:
    home.do(service.discard, home.sender.actor, contract_id)


def sign(home: House, contract_id: str) -> None:
    home.sign(home.sender, contract_id)


def leave(home: House, contract_id: str) -> None:
    del home, contract_id


GOING_ON: tuple[tuple[Callable[[House, str], None], State], ...] = (
    (leave, State.DRAFT),
    (sign, State.SIGNED),
    (discard, State.DISCARDED),
)


@pytest.mark.parametrize("how", ["recalled", "sent_back"])
@pytest.mark.parametrize(("going_on", "state"), GOING_ON, ids=[state.value for _, state in GOING_ON])
def test_a_partner_reads_the_file_of_the_last_send_whatever_became_of_the_contract(
    home: House, tmp_path: Path, how: str, going_on: Callable[[House, str], None], state: State
) -> None:
    sent, draft = replaced(home, tmp_path, how)
    going_on(home, sent.id)
    assert home.contract(sent.id).state is state
    _, theirs = home.read(service.original, home.recipient.actor, sent.id)
    _, ours = home.read(service.original, home.sender.actor, sent.id)
    assert theirs.digest == sent.document.current.digest
    assert ours.digest in {r.digest for r in home.contract(sent.id).document.revisions}
    assert draft.document.name == REPLACED


def test_lists_and_pages_give_a_partner_the_document_and_signatures_that_were_sent(home: House, tmp_path: Path) -> None:
    sent, _ = replaced(home, tmp_path)
    sign(home, sent.id)
    actor = home.recipient.actor
    listed = home.read(service.listing, actor, Filters())
    desk = home.read(service.desk, actor)
    views = [c for c in (*listed, *desk.mine, *desk.theirs) if c.id == sent.id]
    views += [home.contract(sent.id, actor), *home.read(service.several, actor, [sent.id])]
    assert len(views) == 4
    for view in views:
        assert view.documents == (sent.document,)
        assert (view.state, view.accepting_request_id) == (State.DRAFT, None)
    assert not [c for c in home.read(service.listing, actor, Filters(state=State.SIGNED)) if c.id == sent.id]


def test_a_partner_is_not_told_what_the_sender_does_until_it_is_sent_again(home: House, tmp_path: Path) -> None:
    sent, _ = replaced(home, tmp_path)
    sign(home, sent.id)

    def told() -> list[str]:
        return [act.act for act in home.read(service.history, home.recipient.actor, sent.id)]

    assert told() == ["contract.sent", "contract.sent_back"]
    home.do(service.send, home.sender.actor, sent.id)
    assert "contract.document_replaced" in told()
    assert told()[-1] == "contract.sent"


def test_what_is_sent_again_is_what_the_partner_reads_and_signs(home: House, tmp_path: Path) -> None:
    sent, _ = replaced(home, tmp_path)
    sign(home, sent.id)
    home.do(service.send, home.sender.actor, sent.id)
    assert home.contract(sent.id, home.recipient.actor).document.name == REPLACED
    home.sign(home.recipient, sent.id)
    ours, theirs = home.contract(sent.id), home.contract(sent.id, home.recipient.actor)
    assert theirs.document == ours.document
    assert all(slot.signed_at for slot in theirs.document.slots)


def test_a_partner_cannot_send_back_or_sign_what_was_taken_back(home: House, tmp_path: Path) -> None:
    sent, _ = replaced(home, tmp_path)
    with pytest.raises(Conflict):
        home.do(service.send_back, home.recipient.actor, sent.id, "もう一度。")
    with pytest.raises(NotFound):
        home.read(service.original, home.stranger, sent.id)


def test_the_partners_pages_show_nothing_of_the_unsent_document(home: House, tmp_path: Path) -> None:
    sent, draft = replaced(home, tmp_path)
    partner, sender = browser_of(home, "yoshino"), browser_of(home, "tarou")
    for going_on, _ in GOING_ON:
        going_on(home, sent.id)
        file = partner.get(f"/contracts/{sent.id}/document.pdf")
        assert (file.status_code, len(file.data)) == (200, sent.document.current.size)
        page = partner.get(f"/contracts/{sent.id}").text
        assert REPLACED not in page
        assert "契約書.pdf" in page
        assert "7 ページ" not in page
        assert "差し替え" not in page
    assert len(sender.get(f"/contracts/{sent.id}/document.pdf").data) != sent.document.current.size
    assert REPLACED in sender.get(f"/contracts/{sent.id}").text
    assert draft.document.pages == 7


def test_the_migration_finds_what_was_sent_last(home: House, tmp_path: Path) -> None:
    sent, _ = replaced(home, tmp_path)
    sign(home, sent.id)
    statement = LAST_SENT.replace("WHERE was_sent", f"WHERE id = '{sent.id}'")
    with home.platform.database.transaction() as session:
        session.execute(update(contracts).values(sent_revision_id=None).where(contracts.c.id == sent.id))
        session.execute(text(statement))
    assert home.contract(sent.id).sent_revision_id == sent.document.current.id
