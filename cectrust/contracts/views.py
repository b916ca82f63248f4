"""Pages of contracts: each view parses, calls one service function, and renders."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flask
from flask.typing import ResponseReturnValue

from cectrust.clock import new_id
from cectrust.contracts import service
from cectrust.contracts.model import Money, State
from cectrust.contracts.service import Registration, Upload
from cectrust.contracts.store import Filters
from cectrust.identity import service as identity
from cectrust.identity.model import Company
from cectrust.identity.permissions import require
from cectrust.sdk.errors import Conflict, InputRefused
from cectrust.sdk.protocols import ActorKind
from cectrust.web.downloads import send_blob
from cectrust.web.request import Attempt, Shown, actor, platform, work
from cectrust.web.uploads import uploaded

blueprint = flask.Blueprint("contracts", __name__)
MANY_ROWS = 200
"""As many as can be signed at once."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """What waits for me, what waits for the partner, what was concluded lately."""
    desk = service.desk(actor(), work())
    open_consents = [c for c in service.consents_of(actor(), work()) if _to_answer(c)]
    return flask.render_template("contracts/home.html", desk=desk, open_consents=open_consents)


@blueprint.get("/contracts")
def listing() -> ResponseReturnValue:
    filters, rows = _filters(), MANY_ROWS if flask.request.args.get("rows") == str(MANY_ROWS) else service.PAGE
    found = service.listing(actor(), work(), filters, rows)
    return flask.render_template("contracts/list.html", contracts=found, filters=filters, states=State, rows=rows)


@blueprint.get("/contracts/new")
def new() -> ResponseReturnValue:
    require(actor(), "contract.registered")
    return _new_page(None)


@blueprint.post("/contracts")
def register() -> ResponseReturnValue:
    require(actor(), "contract.registered")  # before the form: who may not register is not told what to mend
    with Shown(InputRefused, Conflict) as attempt, _document() as document:
        contract = service.register(actor(), platform(), _registration(), document)
    if attempt.refusal:
        return _new_page(attempt.refusal), _status(attempt)
    flask.flash("契約を登録しました。次に、取引先の承諾を確かめて、署名してください。")
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
def replace_document(contract_id: str) -> ResponseReturnValue:
    with Shown(InputRefused, Conflict) as attempt, _document() as upload:
        service.replace_document(actor(), platform(), contract_id, upload)
    return _done(contract_id, attempt, "契約書類を差し替えました。あらためて署名してください。")


@blueprint.post("/contracts/<contract_id>/consent-request")
def ask_consent(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id,
        lambda: service.ask_consent(actor(), work(), contract_id),
        "取引先に電磁的措置の承諾を依頼しました。回答があるとメールでお知らせします。",
    )


@blueprint.post("/contracts/<contract_id>/send")
def send(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id, lambda: service.send(actor(), work(), contract_id), "取引先に送付しました。メールでも知らせます。"
    )


@blueprint.post("/contracts/<contract_id>/recall")
def recall(contract_id: str) -> ResponseReturnValue:
    return _act(contract_id, lambda: service.recall(actor(), work(), contract_id, _reason()), "送付を取り消しました。")


@blueprint.post("/contracts/<contract_id>/send-back")
def send_back(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id, lambda: service.send_back(actor(), work(), contract_id, _reason()), "理由を付けて差し戻しました。"
    )


@blueprint.post("/contracts/<contract_id>/confirm")
def confirm(contract_id: str) -> ResponseReturnValue:
    return _act(
        contract_id,
        lambda: service.confirm(actor(), work(), contract_id),
        "締結を確認しました。契約書は原本として保管されます。",
    )


@blueprint.post("/contracts/<contract_id>/discard")
def discard(contract_id: str) -> ResponseReturnValue:
    return _act(contract_id, lambda: service.discard(actor(), work(), contract_id), "契約を破棄しました。")


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
        "give": (service.give_consent, "電磁的措置を承諾しました。"),
        "refuse": (service.refuse_consent, "承諾しない旨を相手に知らせました。"),
        "withdraw": (service.withdraw_consent, "承諾を撤回しました。今後、新しい契約は送付されません。"),
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
    found = [(company, identity.users_of(work(), company.id)) for company in _companies(words)]
    given = {c.partner_company_id: c for c in reversed(service.consents_of(actor(), work()))}
    return flask.render_template("contracts/partners.html", partners=found, words=words, consents=given)


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
    partners = [(company, identity.users_of(work(), company.id)) for company in _companies("")]
    return flask.render_template(
        "contracts/new.html",
        partners=partners,
        kinds=[provider.kind for provider in platform().providers],
        form=flask.request.form,
        token=new_id(platform().clock),
        refusal=refusal,
    )


def _companies(words: str) -> list[Company]:
    return identity.partner_companies(actor(), work(), words)


@contextmanager
def _document() -> Iterator[Upload]:
    with uploaded("document") as (path, name):
        yield Upload(Path(path), name)


def _registration() -> Registration:
    form = flask.request.form
    return Registration(
        title=form.get("title", ""),
        recipient_account_id=form.get("recipient_account_id", ""),
        kinds=tuple(form.getlist("kinds")),
        money=_money(),
        contract_date=_date("contract_date"),
        reply_by=_date("reply_by"),
        token=_token(),
    )


def _token() -> str:
    """What the page was given to be sent once."""
    token = flask.request.form.get("token", "")
    if not re.fullmatch(r"[0-9a-f]{32}", token):
        raise InputRefused(
            "form_incomplete",
            "登録画面の一部が送られませんでした。内容を確かめ、もう一度「登録する」を押してください。",
            "Part of the form did not arrive. Check the entries and register once more.",
        )
    return token


def _money() -> Money | None:
    net, tax = _yen("net"), _yen("tax")
    if net is None and tax is None:
        return None
    if net is None:
        raise InputRefused("net_missing", "税抜金額を入力してください。", "Enter the amount without tax.", field="net")
    return Money(net, tax or 0)


def _yen(field: str) -> int | None:
    """Whole yen; full-width digits, commas and a yen sign are understood."""
    typed = unicodedata.normalize("NFKC", flask.request.values.get(field, "")).strip()
    digits = typed.lstrip("¥\\").removesuffix("円").replace(",", "").strip()
    if not digits:
        return None
    if not digits.isascii() or not digits.isdigit() or len(digits) > 13:
        raise InputRefused("yen_wrong", "金額は円単位の数字で入力してください。", "Enter whole yen.", field=field)
    return int(digits)


def _date(field: str) -> dt.date | None:
    typed = unicodedata.normalize("NFKC", flask.request.values.get(field, "")).strip().replace("/", "-")
    if not typed:
        return None
    try:
        return dt.date.fromisoformat(typed)
    except ValueError as error:
        raise InputRefused(
            "date_wrong",
            "日付は 2026-11-23 のように入力してください。",
            "Enter dates like 2026-11-23.",
            field=field,
        ) from error


def _filters() -> Filters:
    args = flask.request.args
    state = args.get("state", "")
    return Filters(
        state=State(state) if state in set(State) else None,
        words=args.get("q", "")[:100],
        partner=args.get("partner", "")[:100],
        date_from=_date("date_from"),
        date_to=_date("date_to"),
        gross_from=_yen("gross_from"),
        gross_to=_yen("gross_to"),
        before=args.get("before") or None,
    )


def _reason() -> str:
    return flask.request.form.get("reason", "")
