"""What people enter in the forms of contracts, as the services want it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

import flask

from cectrust.contracts.model import Money, State
from cectrust.contracts.service import Registration
from cectrust.contracts.store import Filters
from cectrust.sdk.errors import InputRefused


def registration() -> Registration:
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


def filters() -> Filters:
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
        turn=args["turn"] if args.get("turn") in ("mine", "theirs") else "",
        due_until=_date("due_until"),
        before=args.get("before") or None,
    )
