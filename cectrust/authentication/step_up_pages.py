"""Between a dangerous act and its being done: the person proves himself, and what he began goes on.

What he had typed travels through the page and back; passwords don't, and a form that has some is opened again.
"""

from __future__ import annotations

from dataclasses import dataclass

import flask
from flask.typing import ResponseReturnValue

from cectrust.authentication import second_factor, service
from cectrust.identity import sign_in, step_up
from cectrust.identity.model import Confirmation, SignedIn, SignInRefused
from cectrust.web import sessions
from cectrust.web.errors import answer, wants_json
from cectrust.web.pages import local_target
from cectrust.web.rates import SIGN_IN, limited
from cectrust.web.request import account, actor, platform, work
from cectrust.work import Work

blueprint = flask.Blueprint("step_up", __name__, url_prefix="/confirmations")

KEPT = "kept."
"""What the person had typed comes back under its own names with this before them."""
FORBIDDEN = 403


@dataclass(frozen=True)
class Interrupted:
    """The request that the dangerous act came with. ``path`` is one of ours."""

    path: str
    is_post: bool
    fields: tuple[tuple[str, str], ...] = ()


def install(app: flask.Flask) -> None:
    app.register_error_handler(step_up.StepUpNeeded, _ask)


@blueprint.post("/<confirmation_id>/password")
@limited(SIGN_IN)
def by_password(confirmation_id: str) -> ResponseReturnValue:
    """A wrong password is counted as at the log-in."""
    asked = step_up.asked(actor(), work(), confirmation_id)
    if _needs_certificate(asked):
        flask.abort(404)
    refused = sign_in.check_password(work(), account(), flask.request.form.get("password", "")[:1024])
    return _goes_on(asked, refused or step_up.confirm(actor(), work(), asked.id, "password"))


@blueprint.post("/<confirmation_id>/recovery")
@limited(SIGN_IN)
def by_recovery_code(confirmation_id: str) -> ResponseReturnValue:
    asked = step_up.asked(actor(), work(), confirmation_id)
    if not _is_recoverable():
        flask.abort(404)
    code = flask.request.form.get("code", "")
    return _goes_on(asked, second_factor.confirm(actor(), work(), asked.id, code))


def _ask(error: step_up.StepUpNeeded) -> ResponseReturnValue:
    if wants_json():
        return answer(error, FORBIDDEN)
    with platform().work() as own:
        asked = step_up.ask(actor(), own, error)
        return _page(own, asked, _interrupted()), FORBIDDEN


def _goes_on(asked: Confirmation, proof: SignedIn | SignInRefused) -> ResponseReturnValue:
    if isinstance(proof, SignInRefused):
        return _page(work(), asked, _carried(), proof), 401
    sessions.renew(proof)
    return flask.render_template("authentication/continue.html", asked=asked, interrupted=_carried())


def _page(work: Work, asked: Confirmation, interrupted: Interrupted, refusal: SignInRefused | None = None) -> str:
    return flask.render_template(
        "authentication/confirm.html",
        asked=asked,
        act=step_up.DANGEROUS[asked.act],
        interrupted=interrupted,
        by_certificate=_needs_certificate(asked),
        certificates=service.usable_certificates(work, asked.account_id),
        recoverable=_is_recoverable(),
        refusal=refusal,
        kept=KEPT,
    )


def _is_recoverable() -> bool:
    """Whether this person may have recovery codes."""
    return account().is_protected(platform().settings.identity.kinds_with_factor)


def _needs_certificate(asked: Confirmation) -> bool:
    return second_factor.needs_certificate(account(), asked.act, platform().settings.identity.kinds_with_factor)


def _interrupted() -> Interrupted:
    """From the request that was refused."""
    path = local_target(flask.request.full_path.removesuffix("?"))
    if flask.request.method != "POST":
        return Interrupted(path, is_post=False)
    typed = [(name, value) for name, value in flask.request.form.items(multi=True) if name != "csrf_token"]
    if any("password" in name for name, _ in typed):
        return Interrupted(path, is_post=False)
    return Interrupted(path, is_post=True, fields=tuple(typed))


def _carried() -> Interrupted:
    """From the form of our own page, which carried it."""
    form = flask.request.form
    fields = tuple((n.removeprefix(KEPT), v) for n, v in form.items(multi=True) if n.startswith(KEPT))
    return Interrupted(local_target(form.get("path", "")), form.get("is_post") == "yes", fields)
