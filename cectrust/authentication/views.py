"""The messages of ``static/authenticate.js``: to the bridge and back, at the log-in and before dangerous acts.

Which of the two it is, the session says: a half-open one can only be opened, an open one only confirm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask
from flask.typing import ResponseReturnValue

from cectrust.authentication import service
from cectrust.authentication.orders import OPERATION
from cectrust.sdk.errors import InputRefused
from cectrust.signing import connections
from cectrust.web import sessions
from cectrust.web.guards import half_open as for_half_open
from cectrust.web.rates import limited
from cectrust.web.request import half_open, person, platform, work

blueprint = flask.Blueprint("authentication_messages", __name__, url_prefix="/authentication")

TRIES = "60 per minute"
"""Of one address; an office shares one. A token locks itself after a few wrong PINs."""


@blueprint.post("/connections")
@for_half_open
@limited(TRIES)
def open_connection() -> ResponseReturnValue:
    found = connections.open_connection(person(), work(), platform().settings.server.base_url)
    return {"connection": found.id, "challenge": found.challenge}, 201


@blueprint.post("/connections/<connection_id>/hello")
@for_half_open
def hello(connection_id: str) -> ResponseReturnValue:
    connections.accept_hello(person(), work(), connection_id, _object())
    return {"connection": connection_id}


@blueprint.post("/challenges")
@for_half_open
@limited(TRIES)
def ask() -> ResponseReturnValue:
    """A challenge for one of this person's certificates, over a verified connection."""
    body = _object()
    connection, certificate = str(body.get("connection", "")), str(body.get("certificate", ""))
    issuer = platform().settings.server.base_url
    if half_open():
        made = service.ask_login(person(), work(), connection, certificate, issuer)
    else:
        asked = str(body.get("confirmation", ""))
        made = service.ask_step_up(person(), work(), connection, certificate, issuer, asked)
    return {"challenge": made.id}, 201


@blueprint.get("/challenges/<challenge_id>/order")
@for_half_open
def order(challenge_id: str) -> ResponseReturnValue:
    """The server-signed request for the bridge."""
    found = service.own_challenge(person(), work(), challenge_id)
    connection = connections.verified_connection(person(), work(), found.connection_id)
    signed = platform().keys.sign_request(OPERATION, found.id, str(connection.cn))
    return {"request": signed.request, "request_key": signed.request_key}


@blueprint.post("/challenges/<challenge_id>/result")
@for_half_open
@limited(TRIES)
def accept(challenge_id: str) -> ResponseReturnValue:
    """What the bridge returned. The cookie is another one afterwards."""
    opening = half_open()
    signed_in = service.accept(person(), platform(), challenge_id, _object())
    (sessions.begin if opening else sessions.renew)(signed_in)
    return {"challenge": challenge_id}


def _object() -> Mapping[str, Any]:
    body = flask.request.get_json(silent=True)
    if not isinstance(body, dict):
        raise InputRefused("message_malformed", "送られた内容を読み取れません。", "The message is malformed.")
    return body
