"""「署名に使うパソコン」: a person's own computers; and what their bridges ask, who are nobody's session."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cectrust.signing import bridges, pairing_messages
from cectrust.signing.bridge_model import ServerFacts
from cectrust.web.guards import public
from cectrust.web.rates import limited
from cectrust.web.request import actor, platform, work

blueprint = flask.Blueprint("bridges", __name__)

MACHINE_ENDPOINTS = ("bridges.pair", "bridges.leave")
"""Bridges post here: no cookie is looked at, so no CSRF token is asked for."""
PAIRINGS = "30 per minute"
"""Of one address; a construction office shares one. A code has 128 bits: this is against load, not guessing."""


@blueprint.get("/bridges")
def listing() -> ResponseReturnValue:
    return flask.render_template("bridges/list.html", bridges=bridges.listing(actor(), work()))


@blueprint.post("/bridges/codes")
def make_code() -> ResponseReturnValue:
    """The code is in this answer and nowhere else."""
    code = bridges.make_code(actor(), work())
    address = platform().settings.server.base_url
    return flask.render_template("bridges/code.html", code=code, address=address), 201


@blueprint.get("/bridges/codes/<code_id>")
def code_status(code_id: str) -> ResponseReturnValue:
    """Whether the code was used: polled by the page that shows it."""
    code = bridges.own_code(actor(), work(), code_id)
    found = [each for each in bridges.listing(actor(), work()) if each.code_id == code.id]
    template = "bridges/_waiting.html" if flask.request.headers.get("HX-Request") else "bridges/status.html"
    is_open = code.is_open(work().clock.now())
    return flask.render_template(template, code=code, registered=found, is_open=is_open)


@blueprint.get("/bridges/<bridge_id>/removal")
def confirm_removal(bridge_id: str) -> ResponseReturnValue:
    return flask.render_template("bridges/removal.html", bridge=bridges.own_bridge(actor(), work(), bridge_id))


@blueprint.post("/bridges/<bridge_id>/removal")
def remove(bridge_id: str) -> ResponseReturnValue:
    bridges.remove(actor(), work(), bridge_id)
    flask.flash(_("パソコンの登録を解除しました。このパソコンでは、もう署名できません。"))
    return flask.redirect(flask.url_for("bridges.listing"), 303)


@blueprint.get("/.well-known/cectrust-bridge")
@public
def description() -> ResponseReturnValue:
    """Who this server says it is (``bridge/PROTOCOL.md``, 3.3)."""
    return flask.jsonify(pairing_messages.description(_facts()))


@blueprint.post("/signing/pairings")
@public
@limited(PAIRINGS)
def pair() -> ResponseReturnValue:
    facts = _facts()
    return flask.jsonify(bridges.pair(work(), _body(), facts)), 201


@blueprint.post("/signing/pairings/removals")
@public
@limited(PAIRINGS)
def leave() -> ResponseReturnValue:
    facts = _facts()
    bridges.leave(work(), _body(), facts)
    return flask.jsonify({"v": pairing_messages.VERSION, "removed": True})


def _facts() -> ServerFacts:
    """Asked before the transaction begins: the keys role is another process."""
    settings, keys = platform().settings, platform().keys.public_keys()
    return ServerFacts(keys.issuer, settings.operator.name[:200], (settings.server.base_url,), keys.identity_key)


def _body() -> bytes:
    if flask.request.mimetype != "application/json":
        flask.abort(415)
    return flask.request.stream.read(pairing_messages.MAX_MESSAGE + 1)
