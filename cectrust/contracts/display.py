"""How a contract's life is shown: steps, whose turn it is, and what happened, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import flask
from flask_babel import gettext as _

from cectrust.contracts import service
from cectrust.contracts.model import Contract, ContractAct, Party, PartyRole, State
from cectrust.journal.model import RecordedAct
from cectrust.pades.findings import WARNINGS
from cectrust.sdk.protocols import Instant
from cectrust.web.formats import short
from cectrust.web.languages import current
from cectrust.web.request import actor


@dataclass(frozen=True)
class Step:
    """``state`` is ``did``, ``now``, ``todo`` or ``stop``."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class Happening:
    text: str
    at: Instant
    by: str
    note: str = ""


@dataclass(frozen=True)
class Chip:
    """``kind`` is ``mine``, ``theirs``, ``done``, ``late`` or ``idle``."""

    kind: str
    text: str


_NOW = {
    State.DRAFT: 1,
    State.SIGNED: 2,
    State.SENT: 3,
    State.SENT_BACK: 3,
    State.RECALLED: 2,
    State.RETURNED: 4,
    State.CONCLUDED: 6,
    State.DISCARDED: 1,
}
"""Index of the step that is under way."""


def steps(contract: Contract, history: Sequence[RecordedAct], company_id: str | None) -> list[Step]:
    """The six steps of a bilateral contract, each with date and person once it was done."""
    sender, recipient = contract.sender, contract.recipients[0]
    now = _NOW[contract.state]
    facts = [
        (_("登録"), _join(short(contract.created_at), sender.company_name)),
        (_("署名"), _signed(contract, sender)),
        (_("送付"), _sent(history)),
        (_("署名して返送"), _signed(contract, recipient)),
        (_("締結確認"), _join(short(contract.concluded_at), sender.company_name) if contract.concluded_at else ""),
        (_("原本保管"), short(contract.concluded_at)),
    ]
    whose = _whose(contract, company_id)
    return [_step(contract, label, note, index - now, whose) for index, (label, note) in enumerate(facts)]


def _whose(contract: Contract, company_id: str | None) -> str:
    holders = contract.holders_of_turn
    if any(party.company_id == company_id for party in holders):
        return str(_("あなたの番"))
    return str(_("%(who)s の番", who=holders[0].company_name)) if holders else ""


def _step(contract: Contract, label: str, note: str, distance: int, whose: str) -> Step:
    """``distance`` from the step under way: negative for what was done."""
    if distance < 0:
        return Step(label, "did", note)
    if distance > 0:
        return Step(label, "todo")
    stopped = {
        State.SENT_BACK: _("差し戻されました"),
        State.RECALLED: _("送付を取り消しました"),
        State.DISCARDED: _("破棄しました"),
    }
    if contract.state in stopped:
        return Step(label, "stop", stopped[contract.state])
    if contract.accepting_request_id:
        return Step(label, "now", _("署名を処理しています"))
    return Step(label, "now", whose)


def turn_chip(contract: Contract, company_id: str | None) -> Chip:
    """The state in words, as seen by one company."""
    mine = any(party.company_id == company_id for party in contract.holders_of_turn)
    words = {
        State.DRAFT: _("署名して送付") if mine else _("相手が準備中"),
        State.SIGNED: _("送付") if mine else _("相手が準備中"),
        State.SENT: _("署名して返送") if mine else _("相手の署名待ち"),
        State.SENT_BACK: _("差戻しに対応") if mine else _("差し戻しました"),
        State.RECALLED: _("取消し後の対応") if mine else _("送付取消"),
        State.RETURNED: _("締結を確認") if mine else _("相手の確認待ち"),
        State.CONCLUDED: _("締結"),
        State.DISCARDED: _("破棄"),
    }
    if contract.accepting_request_id:
        return Chip("theirs", _("署名を処理中"))
    if contract.state is State.CONCLUDED:
        return Chip("done", words[contract.state])
    if contract.state is State.DISCARDED:
        return Chip("idle", words[contract.state])
    return Chip("mine" if mine else "theirs", words[contract.state])


def state_label(state: State) -> str:
    """The state's name in a list of choices."""
    words: dict[State, str] = {
        State.DRAFT: _("作成中"),
        State.SIGNED: _("署名済み・未送付"),
        State.SENT: _("送付済み・相手の署名待ち"),
        State.SENT_BACK: _("差戻し"),
        State.RECALLED: _("送付取消"),
        State.RETURNED: _("返送済み・締結確認待ち"),
        State.CONCLUDED: _("締結"),
        State.DISCARDED: _("破棄"),
    }
    return words[state]


def partner_of(contract: Contract, company_id: str | None) -> str:
    """The other party's name; for staff, both."""
    others = [party.company_name for party in contract.parties if party.company_id != company_id]
    return "、".join(others)


def happenings(history: Iterable[RecordedAct]) -> list[Happening]:
    """What happened, newest first; acts that tell a person nothing are left out."""
    texts = {
        "contract.registered": _("登録しました"),
        "contract.document_replaced": _("契約書類を差し替えました"),
        "contract.consent_requested": _("電磁的措置の承諾を依頼しました"),
        "contract.signed": _("電子署名しました"),
        "contract.sent": _("送付しました"),
        "contract.recalled": _("送付を取り消しました"),
        "contract.sent_back": _("差し戻しました"),
        "contract.returned": _("電子署名して返送しました"),
        "contract.concluded": _("締結を確認しました"),
        "contract.discarded": _("破棄しました"),
    }
    told = [act for act in history if act.act in texts]
    return [Happening(texts[act.act], act.at, act.actor_name, act.detail.get("reason", "")) for act in reversed(told)]


def may_sign(contract: Contract) -> bool:
    """Whether it waits for the signature of whoever is signed in."""
    acts = service.acts_open_to(actor(), contract)
    return ContractAct.SIGN in acts or ContractAct.RETURN in acts


def warning_sentence(code: str) -> str:
    """What a person is told about something that intake found."""
    ja, en = WARNINGS.get(code, (code, code))
    return en if current() == "en" else ja


def install(app: flask.Flask) -> None:
    """Make the functions known to the templates."""
    app.add_template_global(steps, "contract_steps")
    app.add_template_global(turn_chip, "turn_chip")
    app.add_template_global(state_label, "state_label")
    app.add_template_global(partner_of, "partner_of")
    app.add_template_global(happenings, "contract_happenings")
    app.add_template_filter(warning_sentence)
    app.add_template_global(may_sign)
    app.add_template_test(may_sign, "waits_for_signature")
    app.add_template_global(PartyRole, "PartyRole")


def _signed(contract: Contract, party: Party) -> str:
    for slot in contract.document.slots:
        if slot.party_id == party.id and slot.signed_at:
            return _join(short(slot.signed_at), slot.signer)
    return ""


def _sent(history: Sequence[RecordedAct]) -> str:
    sent = [act for act in history if act.act == "contract.sent"]
    return _join(short(sent[-1].at), sent[-1].actor_name) if sent else ""


def _join(*parts: str) -> str:
    return " ".join(part for part in parts if part)
