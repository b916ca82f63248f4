"""Registering a contract, replacing its document, discarding it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cectrust.blobs.service import StoredBlob
from cectrust.characters import seen
from cectrust.clock import jst, new_id
from cectrust.contracts import store
from cectrust.contracts.model import (
    Contract,
    ContractAct,
    ContractType,
    Document,
    Money,
    Party,
    PartyRole,
    Revision,
    State,
)
from cectrust.contracts.numbers import contract_number
from cectrust.contracts.service import moving, repeating
from cectrust.glyphs import refuse_unprintable
from cectrust.identity import service as identity
from cectrust.identity.permissions import require
from cectrust.pades.model import IntakeReport
from cectrust.sdk.errors import InputRefused
from cectrust.sdk.protocols import Actor, ActorKind, BlobArea
from cectrust.work import Tools, Work, Workplace

TITLE_LENGTH = 120
MOST_YEN = 10**13


@dataclass(frozen=True)
class Upload:
    """A file as it came in: where its bytes lie for the time of the request, and the name it was given."""

    path: Path
    name: str


@dataclass(frozen=True)
class Registration:
    """What the sender enters."""

    title: str
    recipient_account_id: str
    kinds: tuple[str, ...]
    """Codes of the kinds of certificate agreed with the partner."""
    money: Money | None = None
    contract_date: dt.date | None = None
    reply_by: dt.date | None = None
    token: str = ""
    """Of the form, given once; sent again it is answered with the same contract. Empty: no form was sent."""


@dataclass(frozen=True)
class _Examined:
    """An upload that may become a document: its name, what was found in it, where its bytes lie."""

    name: str
    report: IntakeReport
    stored: StoredBlob


def register(actor: Actor, place: Workplace, form: Registration, upload: Upload) -> Contract:
    """Register a contract with its document; it is a draft of the sender's.

    Raises:
        Forbidden: a company ID or staff.
        InputRefused: names the field; nothing is kept.
        Conflict: this form registered another contract.
    """
    require(actor, "contract.registered")
    content = repeating.content_of(form, upload.path)
    with place.reading() as work:
        if registered := repeating.answer(actor, work, form.token, content):
            return registered
        _check(place, form)
        parties = _parties(actor, work, form)
    examined = _examine(actor, place, upload)
    contract_id = new_id(place.clock)
    with place.work() as work:
        registered = repeating.use(actor, work, form.token, content, contract_id)
        return registered or _register(actor, work, contract_id, form, parties, examined)


def replace_document(actor: Actor, place: Workplace, contract_id: str, upload: Upload) -> None:
    """Put another PDF into force; signatures on the old one no longer count, but it is kept.

    Raises as ``moving.prepare``, and ``InputRefused`` for an unacceptable PDF.
    """
    with place.reading() as work:
        moving.permitted(actor, work, contract_id, ContractAct.REPLACE_DOCUMENT)
    examined = _examine(actor, place, upload)
    with place.work() as work:
        contract, target = moving.prepare(actor, work, contract_id, ContractAct.REPLACE_DOCUMENT)
        store.writing.retire_document(work.session, contract.document.id, work.clock.now())
        document = _add_document(work, contract.id, contract.document.ordinal + 1, examined)
        detail = {"digest": document.current.digest, "replaced": contract.document.current.digest}
        moving.move(actor, work, contract, "document_replaced", {"state": target}, detail)


def discard(actor: Actor, work: Work, contract_id: str) -> None:
    """Give a contract up (破棄). Nothing is deleted."""
    contract, target = moving.prepare(actor, work, contract_id, ContractAct.DISCARD)
    moving.move(actor, work, contract, "discarded", {"state": target})


def _check(tools: Tools, form: Registration) -> None:
    if not 1 <= len(form.title.strip()) <= TITLE_LENGTH:
        raise InputRefused(
            "title_missing",
            f"件名を 1～{TITLE_LENGTH} 文字で入力してください。",
            f"Enter a title of 1 to {TITLE_LENGTH} characters.",
            field="title",
        )
    refuse_unprintable(form.title.strip(), "件名", "title", "title")
    if form.money and not (0 <= form.money.net <= MOST_YEN and 0 <= form.money.tax <= MOST_YEN):
        raise InputRefused(
            "money_out_of_range",
            f"金額は、0 円から {MOST_YEN:,} 円までの数字で入力してください。",
            f"Enter amounts from 0 to {MOST_YEN:,} yen.",
            field="net",
        )
    if form.reply_by and form.reply_by < jst(tools.clock.now()).date():
        raise InputRefused(
            "reply_by_past",
            "返送期限には今日以降の日付を入力してください。",
            "The deadline has passed.",
            field="reply_by",
        )
    _check_kinds([provider.kind.code for provider in tools.providers], form.kinds)


def _check_kinds(known: Sequence[str], chosen: Sequence[str]) -> None:
    if not chosen or not set(chosen) <= set(known):
        raise InputRefused(
            "kinds_missing",
            "取引先と合意した電子証明書の種類を 1 つ以上選んでください。不明な場合は、取引先に確認してください。",
            "Choose at least one kind of certificate agreed with the partner.",
            field="kinds",
        )


def _parties(actor: Actor, work: Work, form: Registration) -> list[Party]:
    partner = identity.accounts(work, [form.recipient_account_id]).get(form.recipient_account_id)
    usable = partner is not None and partner.active and partner.kind is ActorKind.USER
    if partner is None or not usable or partner.company_id in (None, actor.company_id):
        raise InputRefused(
            "partner_missing", "取引先を選んでください。", "Choose a partner.", field="recipient_account_id"
        )
    ids = [str(actor.company_id), str(partner.company_id)]
    names = {found.id: found.name for found in identity.companies(work, ids).values()}
    sender = Party(new_id(work.clock), 0, PartyRole.SENDER, ids[0], names[ids[0]], actor.id, actor.department)
    recipient = Party(new_id(work.clock), 1, PartyRole.RECIPIENT, ids[1], names[ids[1]], partner.id, partner.department)
    return [sender, recipient]


def _number(work: Work) -> str:
    year = jst(work.clock.now()).year
    return contract_number(year, store.writing.next_number(work.session, year))


def _register(
    actor: Actor, work: Work, contract_id: str, form: Registration, parties: Sequence[Party], examined: _Examined
) -> Contract:
    now = work.clock.now()
    values = {
        "id": contract_id,
        "number": _number(work),
        "type": ContractType.BILATERAL,
        "state": State.DRAFT,
        "version": 1,
        "title": form.title.strip(),
        "net": form.money.net if form.money else None,
        "tax": form.money.tax if form.money else None,
        "contract_date": form.contract_date,
        "reply_by": form.reply_by,
        "created_at": now,
        "changed_at": now,
        "reason": "",
    }
    store.writing.insert_contract(work.session, values, form.kinds)
    for party in parties:
        store.writing.insert_party(work.session, contract_id, party)
    _add_document(work, contract_id, 0, examined)
    contract = moving.find(actor, work, contract_id)
    moving.record(actor, work, contract, "registered", {"digest": contract.document.current.digest})
    return contract


def _intake(tools: Tools, upload: Upload) -> IntakeReport:
    """The engine knows no forms; a refusal belongs beside the field that the file was chosen in."""
    try:
        return tools.parsers.intake(upload.path)
    except InputRefused as refused:
        refused.field = "document"
        raise


def _examine(actor: Actor, tools: Tools, upload: Upload) -> _Examined:
    """Examine in a limited worker, then keep the bytes durably; the rows that name them come later."""
    report = _intake(tools, upload)
    if report.signatures:
        raise InputRefused(
            "signed_already",
            "この PDF には、すでに電子署名があります。署名のない PDF を選んでください。",
            "This PDF is signed already; choose one without signatures.",
            field="document",
        )
    stored = tools.blobs.keep(BlobArea.ORIGINALS, str(actor.company_id), upload.path)
    return _Examined(_file_name(upload.name), report, stored)


def _add_document(work: Work, contract_id: str, ordinal: int, examined: _Examined) -> Document:
    document_id, now = new_id(work.clock), work.clock.now()
    report, stored = examined.report, examined.stored
    revision = Revision(new_id(work.clock), document_id, 0, "uploaded", stored.key.digest, stored.size, now)
    warnings = tuple(finding.code for finding in report.findings)
    document = Document(
        document_id,
        contract_id,
        ordinal,
        examined.name,
        stored.key.owner,
        len(report.pages),
        warnings,
        (revision,),
        (),
    )
    store.writing.insert_document(work.session, document)
    store.writing.insert_revision(work.session, revision)
    return document


def _file_name(name: str) -> str:
    """The last part of the name without what nobody sees; shown and offered for download, never opened."""
    plain = seen(name.replace("\\", "/").rpartition("/")[2]).strip()
    return plain[:120] or "契約書.pdf"
