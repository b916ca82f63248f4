"""Pages of contracts: each view parses, calls one service function, and renders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cectrust.clock import new_id
from cectrust.contracts import entries, service
from cectrust.contracts.model import State
from cectrust.contracts.service import Upload
from cectrust.identity.permissions import require
from cectrust.sdk.errors import Conflict, InputRefused
from cectrust.sdk.protocols import ActorKind
from cectrust.web.downloads import send_blob
from cectrust.web.request import Attempt, Shown, actor, platform, work
from cectrust.web.turns import in_turn
from cectrust.web.uploads import takes_file, uploaded

blueprint = flask.Blueprint("contracts", __name__)
MANY_ROWS = 200
"""As many as can be signed at once."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What waits for me, what waits for the partner, what was concluded lately."""
    desk = service.desk(actor(), work(), MANY_ROWS)
    open_consents = [c for c in service.consents_of(actor(), work()) if _to_answer(c)]
    return flask.render_template("contracts/home.html", desk=desk, open_consents=open_consents)


@blueprint.get("/contracts")
def listing() -> ResponseReturnValue:
    filters, rows = entries.filters(), MANY_ROWS if flask.request.args.get("rows") == str(MANY_ROWS) else service.PAGE
    found = service.listing(actor(), work(), filters, rows)
    return flask.render_template("contracts/list.html", contracts=found, filters=filters, states=State, rows=rows)


@blueprint.get("/contracts/new")
def new() -> ResponseReturnValue:
    require(actor(), "contract.registered")
    return _new_page(None)


@blueprint.post("/contracts")
@takes_file
@in_turn()
def register() -> ResponseReturnValue:
    require(actor(), "contract.registered")  # before the form: who may not register is not told what to mend
    with Shown(InputRefused, Conflict) as attempt, _document() as document:
        contract = service.register(actor(), platform(), entries.registration(), document)
    if attempt.refusal:
        return _new_page(attempt.refusal), _status(attempt)
    flask.flash(_("契約を登録しました。次に、取引先の承諾を確かめて、署名してください。"))
    return flask.redirect(flask.url_for("contracts.show", contract_id=contract.id), 303)


@blueprint.get("/contracts/<contract_id>")
def show(contract_id: str) -> ResponseReturnValue:
    return _contract_page(contract_id, None)


@blueprint.get("/contracts/<contract_id>/document.pdf")
def document(contract_id: str) -> ResponseReturnValue:
    """The newest revision that the actor may see, compared with its digest before the first byte leaves."""
    contract, key = service.original(actor(), work(), contract_id)
    inline = flask.request.args.get("view") == "1"
    return send_blob(platform().blobs, key, f"{contract.number}.pdf", "application/pdf", inline=inline)


@blueprint.post("/contracts/<contract_id>/document")
@takes_file
@in_turn()
def replace_document(contract_id: str) -> ResponseReturnValue:
    with Shown(InputRefused, Conflict) as attempt, _document() as upload:
        service.replace_document(actor(), platform(), contract_id, upload)
    return _done(contract_id, attempt, _("契約書類を差し替えました。あらためて署名してください。"))


@blueprint.post("/contracts/<contract_id>/consent-request")
def ask_consent(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id,
        lambda: service.ask_consent(actor(), work(), contract_id),
        _("取引先に電磁的措置の承諾を依頼しました。回答があるとメールでお知らせします。"),
    )


@blueprint.post("/contracts/<contract_id>/send")
def send(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id,
        lambda: service.send(actor(), work(), contract_id),
        _("取引先に送付しました。メールでも知らせます。"),
    )


@blueprint.post("/contracts/<contract_id>/recall")
def recall(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id, lambda: service.recall(actor(), work(), contract_id, _reason()), _("送付を取り消しました。")
    )


@blueprint.post("/contracts/<contract_id>/send-back")
def send_back(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id,
        lambda: service.send_back(actor(), work(), contract_id, _reason()),
        _("理由を付けて差し戻しました。"),
    )


@blueprint.post("/contracts/<contract_id>/confirm")
def confirm(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id,
        lambda: service.confirm(actor(), work(), contract_id),
        _("締結を確認しました。契約書は原本として保管されます。"),
    )


@blueprint.post("/contracts/<contract_id>/discard")
def discard(contract_id: str) -> ResponseReturnValue:
    return _act(contract_id, lambda: service.discard(actor(), work(), contract_id), _("契約を破棄しました。"))


@blueprint.get("/consents")
def consents() -> ResponseReturnValue:
    found = service.consents_of(actor(), work())
    return flask.render_template("consents/list.html", consents=found)


@blueprint.get("/consents/<consent_id>")
def consent(consent_id: str) -> ResponseReturnValue:
    return _consent_page(consent_id, None)


@blueprint.post("/consents/<consent_id>/<answer>")
def answer_consent(consent_id: str, answer: str) -> ResponseReturnValue:
    answers = {
        "give": (service.give_consent, _("電磁的措置を承諾しました。")),
        "refuse": (service.refuse_consent, _("承諾しない旨を相手に知らせました。")),
        "withdraw": (service.withdraw_consent, _("承諾を撤回しました。今後、新しい契約は送付されません。")),
    }
    if answer not in answers:
        flask.abort(404)
    act, words = answers[answer]
    with Attempt(Conflict) as attempt:
        act(actor(), work(), consent_id)
    if attempt.refusal:
        return _consent_page(consent_id, attempt.refusal), 409
    flask.flash(words)
    return flask.redirect(flask.url_for("contracts.consents"), 303)


@blueprint.get("/partners")
def partners() -> ResponseReturnValue:
    words = flask.request.args.get("q", "")[:100]
    found = service.partners(actor(), work(), words)
    given = {c.partner_company_id: c for c in reversed(service.consents_of(actor(), work()))}
    return flask.render_template("contracts/partners.html", partners=found, words=words, consents=given)


def _chosen_kinds(partner: service.Partner | None) -> Sequence[str]:
    """What was entered; where a partner was chosen since, what was agreed with it."""
    entered = flask.request.values
    chosen_since = entered.get("agreed_with", "") != entered.get("recipient_account_id", "")
    if flask.request.method == "GET" and partner and partner.kinds and chosen_since:
        return partner.kinds
    return entered.getlist("kinds")


def _act(contract_id: str, act: Callable[[], object], words: str) -> ResponseReturnValue:
    with Attempt(InputRefused, Conflict) as attempt:
        act()
    return _done(contract_id, attempt, words)


def _done(contract_id: str, attempt: Shown, words: str) -> ResponseReturnValue:
    """Back to the contract, with what was done or with why it was not."""
    if attempt.refusal:
        return _contract_page(contract_id, attempt.refusal), _status(attempt)
    flask.flash(words)
    return flask.redirect(flask.url_for("contracts.show", contract_id=contract_id), 303)


def _status(attempt: Shown) -> int:
    return 422 if isinstance(attempt.refusal, InputRefused) else 409


def _contract_page(contract_id: str, refusal: object) -> str:
    contract = service.contract(actor(), work(), contract_id)
    role = service.role_of(actor(), contract)
    return flask.render_template(
        "contracts/show.html",
        contract=contract,
        role=role,
        acts=service.acts_open_to(actor(), contract),
        history=service.history(actor(), work(), contract_id),
        consent=service.consent_for(work(), contract),
        kinds={provider.kind.code: provider.kind for provider in platform().providers},
        refusal=refusal,
    )


def _consent_page(consent_id: str, refusal: object) -> str:
    found = service.consent(actor(), work(), consent_id)
    return flask.render_template("consents/show.html", consent=found, refusal=refusal, to_answer=_to_answer(found))


def _to_answer(consent: service.Consent) -> bool:
    return consent.open and consent.partner_company_id == actor().company_id and actor().kind is ActorKind.USER


def _new_page(refusal: object) -> str:
    entered = flask.request.values
    words, recipient = entered.get("company", "")[:100], entered.get("recipient_account_id", "")
    partners = service.partners(actor(), work(), words, recipient)
    return flask.render_template(
        "contracts/new.html",
        partners=partners,
        chosen=partners.of(recipient),
        chosen_kinds=_chosen_kinds(partners.of(recipient)),
        kinds=[provider.kind for provider in platform().providers],
        form=entered,
        token=new_id(platform().clock),
        refusal=refusal,
    )


@contextmanager
def _document() -> Iterator[Upload]:
    with uploaded("document") as (path, name):
        yield Upload(Path(path), name)


def _reason() -> str:
    return flask.request.form.get("reason", "")
