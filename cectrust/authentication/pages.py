"""The second half of the log-in, and the page where a person switches it on and off."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cectrust.authentication import second_factor as service
from cectrust.authentication import service as certificates
from cectrust.identity.model import SignedIn, SignInRefused
from cectrust.sdk.errors import CectrustError
from cectrust.sdk.protocols import ActorKind
from cectrust.signing import bridges
from cectrust.web import sessions
from cectrust.web.guards import half_open as for_half_open
from cectrust.web.pages import local_target
from cectrust.web.rates import SIGN_IN, limited
from cectrust.web.request import Attempt, actor, half_open, person, platform, work

blueprint = flask.Blueprint("authentication", __name__)

REASONS = {"lost": "紛失・盗難", "unused": "使わなくなった"}
"""Why a person removes a certificate: what his form sends, and what the journal and his mail say."""


@blueprint.get("/sign-in/second-factor")
@for_half_open
def second_factor() -> ResponseReturnValue:
    if not half_open():
        return flask.redirect(_next(), 303)
    return _second_factor_page(None)


@blueprint.post("/sign-in/second-factor/recovery")
@for_half_open
@limited(SIGN_IN)
def recover() -> ResponseReturnValue:
    """A wrong code is shown with status 401, and the transaction that counted it is committed."""
    if not half_open():
        return flask.redirect(_next(), 303)
    answer = service.recover(person(), work(), flask.request.form.get("code", ""))
    if isinstance(answer, SignInRefused):
        return _second_factor_page(answer), 401
    sessions.begin(answer)
    flask.flash(_("復旧コードでログインしました。使った復旧コードは、もう使えません。"))
    return flask.redirect(_next(), 303)


@blueprint.get("/account/second-factor")
def settings() -> ResponseReturnValue:
    return flask.render_template(
        "authentication/settings.html",
        factor=service.shown(actor(), work(), _factors()),
        certificates=certificates.usable_certificates(work(), actor().id),
        computers=bridges.listing(actor(), work()),
    )


@blueprint.post("/account/second-factor/on")
def switch_on() -> ResponseReturnValue:
    """The recovery codes are in this answer and nowhere else."""
    signed_in, codes = service.switch_on(actor(), work())
    return _codes_page(codes, signed_in)


@blueprint.post("/account/second-factor/off")
def switch_off() -> ResponseReturnValue:
    sessions.begin(service.switch_off(actor(), work(), _factors()))
    flask.flash(_("電子証明書によるログインを止めました。ほかの画面やパソコンでのログインはすべて終了しました。"))
    return flask.redirect(flask.url_for("authentication.settings"), 303)


@blueprint.post("/account/second-factor/codes")
def make_codes() -> ResponseReturnValue:
    return _codes_page(service.make_codes(actor(), work()))


@blueprint.get("/account/certificates/<binding_id>/removal")
def confirm_certificate_removal(binding_id: str) -> ResponseReturnValue:
    return _removal_page(binding_id, None)


@blueprint.post("/account/certificates/<binding_id>/removal")
def remove_certificate(binding_id: str) -> ResponseReturnValue:
    with Attempt() as attempt:
        reason = flask.request.form.get("reason", "")
        signed_in = certificates.remove_certificate(actor(), work(), binding_id, REASONS.get(reason, ""))
    if attempt.refusal:
        return _removal_page(binding_id, attempt.refusal), 422
    sessions.begin(signed_in)
    flask.flash("電子証明書の登録を解除しました。ほかの画面やパソコンでのログインはすべて終了しました。")
    return flask.redirect(flask.url_for("authentication.settings"), 303)


def _removal_page(binding_id: str, refusal: CectrustError | None) -> str:
    certificate = certificates.own_certificate(actor(), work(), binding_id)
    usable = certificates.usable_certificates(work(), actor().id)
    return flask.render_template(
        "authentication/certificate_removal.html",
        certificate=certificate,
        is_last=not [each for each in usable if each.id != binding_id],
        factor=service.shown(actor(), work(), _factors()),
        refusal=refusal,
    )


def _codes_page(codes: list[str], signed_in: SignedIn | None = None) -> ResponseReturnValue:
    if signed_in:
        sessions.begin(signed_in)
    return flask.render_template("authentication/codes.html", codes=codes), 201


def _second_factor_page(refusal: SignInRefused | None) -> str:
    usable = certificates.usable_certificates(work(), person().id)
    return flask.render_template(
        "authentication/second_factor.html", certificates=usable, refusal=refusal, target=_next()
    )


def _next() -> str:
    return local_target(flask.request.values.get("next", ""))


def _factors() -> frozenset[ActorKind]:
    return platform().settings.identity.kinds_with_factor
