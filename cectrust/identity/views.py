"""Signing in and out, and changing one's password."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from cectrust.identity import sessions as open_sessions
from cectrust.identity import sign_in as service
from cectrust.identity.model import SignInRefused
from cectrust.identity.step_up import require_step_up
from cectrust.sdk.errors import CectrustError, InputRefused
from cectrust.web import sessions
from cectrust.web.guards import half_open, public
from cectrust.web.pages import local_target
from cectrust.web.rates import SIGN_IN, limited
from cectrust.web.request import Attempt, account, actor, person, platform, work

blueprint = flask.Blueprint("identity", __name__)


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return flask.redirect("/", 303)
    return flask.render_template("identity/sign_in.html", refusal=None, login_id="")


@blueprint.post("/sign-in")
@public
@limited(SIGN_IN)
def enter() -> ResponseReturnValue:
    """The refusal is shown with status 401, and the transaction that counted it is committed."""
    login_id, password = flask.request.form.get("login_id", ""), flask.request.form.get("password", "")
    answer = service.sign_in(work(), login_id[:256], password[:1024], platform().settings.identity.kinds_with_factor)
    if isinstance(answer, SignInRefused):
        return flask.render_template("identity/sign_in.html", refusal=answer, login_id=login_id[:256]), 401
    sessions.begin(answer)
    target = local_target(flask.request.form.get("next", ""))
    if answer.half_open:
        target = flask.url_for("authentication.second_factor", next=target)
    return flask.redirect(target, 303)


@blueprint.post("/sign-out")
@half_open
def sign_out() -> ResponseReturnValue:
    open_sessions.end(person(), work(), sessions.token())
    sessions.end()
    return flask.redirect(flask.url_for("identity.sign_in"), 303)


@blueprint.get("/password")
def password() -> ResponseReturnValue:
    """Whoever has to confirm the change does so before he types a new password."""
    factors = platform().settings.identity.kinds_with_factor
    if account().is_protected(factors) and not account().must_change_password:
        require_step_up(actor(), work(), "account.password_changed")
    return _password_page(None)


@blueprint.post("/password")
@limited(SIGN_IN)
def change_password() -> ResponseReturnValue:
    """A wrong password is shown with status 401, and the transaction that counted it is committed."""
    form = flask.request.form
    with Attempt() as attempt:
        if form.get("new_password") != form.get("new_password_again"):
            raise InputRefused(
                "password_differs",
                "新しいパスワードが、確認のための入力と一致しません。",
                "The two new passwords differ.",
                field="new_password_again",
            )
        current, new = form.get("current_password", "")[:1024], form.get("new_password", "")[:1024]
        factors = platform().settings.identity.kinds_with_factor
        answer = service.change_password(actor(), work(), current, new, factors)
    if attempt.refusal:
        return _password_page(attempt.refusal), 422
    if isinstance(answer, SignInRefused):
        return _password_page(answer), 401
    sessions.begin(answer)
    flask.flash(_("パスワードを変更しました。ほかの画面やパソコンでのログインはすべて終了しました。"))
    return flask.redirect("/", 303)


def _password_page(refusal: CectrustError | SignInRefused | None) -> str:
    forced = account().must_change_password
    return flask.render_template("identity/password.html", refusal=refusal, forced=forced)
