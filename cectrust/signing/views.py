"""The signing dialog and the messages of its script (``static/sign.js``). Byte strings travel as base64url."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import flask
from flask.typing import ResponseReturnValue

from cectrust.clock import jst
from cectrust.contracts import service as contracts
from cectrust.sdk.errors import InputRefused
from cectrust.signing import connections, service
from cectrust.signing.model import CertificateChoice, SigningRequest
from cectrust.web.downloads import send_blob
from cectrust.web.formats import date
from cectrust.web.request import actor, platform, work

blueprint = flask.Blueprint("signing", __name__)

LISTINGS = {"cert.list": "cert.list", "token.list": "token.list"}


@blueprint.get("/contracts/<contract_id>/sign")
def dialog(contract_id: str) -> ResponseReturnValue:
    """The guided steps; refuses at once where it is not this person's turn to sign."""
    contract, _ = contracts.slot_to_sign(actor(), work(), contract_id)
    return flask.render_template("signing/dialog.html", contract=contract, role=contracts.role_of(actor(), contract))


@blueprint.post("/signing/connections")
def open_connection() -> ResponseReturnValue:
    found = connections.open_connection(actor(), work(), platform().settings.server.base_url)
    return {"connection": found.id, "challenge": found.challenge}, 201


@blueprint.post("/signing/connections/<connection_id>/hello")
def hello(connection_id: str) -> ResponseReturnValue:
    connections.accept_hello(actor(), work(), connection_id, _object())
    return {"connection": connection_id}


@blueprint.get("/signing/connections/<connection_id>/orders/<operation>")
def order_listing(connection_id: str, operation: str) -> ResponseReturnValue:
    """A server-signed request to list tokens or certificates over this connection."""
    if operation not in LISTINGS:
        flask.abort(404)
    connection = connections.verified_connection(actor(), work(), connection_id)
    signed = platform().keys.sign_request(LISTINGS[operation], connection.id, str(connection.cn))
    return {"request": signed.request, "request_key": signed.request_key}


@blueprint.post("/contracts/<contract_id>/signing/certificates")
def certificates(contract_id: str) -> ResponseReturnValue:
    """Which of the certificates in the bridge's signed list may sign this contract, and why not."""
    body = _object()
    if not isinstance(listed := body.get("result"), dict):
        raise _malformed()
    found = service.choices(actor(), platform(), contract_id, str(body.get("connection", "")), listed)
    return {"certificates": [_shown(choice) for choice in found]}


@blueprint.post("/contracts/<contract_id>/signing/requests")
def request_signature(contract_id: str) -> ResponseReturnValue:
    found = service.request(actor(), platform(), contract_id, _octets(_object().get("certificate")))
    return {
        "request": found.id,
        "document": found.document_id,
        "size": found.prepared.size,
        "url": flask.url_for("signing.prepared_document", request_id=found.id),
    }, 201


@blueprint.get("/signing/requests/<request_id>/document.pdf")
def prepared_document(request_id: str) -> ResponseReturnValue:
    """The very bytes that the bridge will hash and show."""
    found, key = service.prepared_document(actor(), work(), request_id)
    return send_blob(platform().blobs, key, f"{found.id}.pdf", "application/pdf", inline=True)


@blueprint.post("/signing/requests/<request_id>/connection")
def bind_connection(request_id: str) -> ResponseReturnValue:
    """Say over which verified connection the request will travel."""
    service.bind_connection(actor(), work(), request_id, str(_object().get("connection", "")))
    return {"request": request_id}


@blueprint.get("/signing/requests/<request_id>/orders/<operation>")
def order_signature(request_id: str, operation: str) -> ResponseReturnValue:
    """The server-signed request itself (``sign``), or the one that fetches a kept result again (``sign.resume``)."""
    if operation not in ("sign", "sign.resume"):
        flask.abort(404)
    found = service.own_request(actor(), work(), request_id)
    connection = connections.verified_connection(actor(), work(), str(found.connection_id))
    signed = platform().keys.sign_request(operation, found.id, str(connection.cn))
    return {"request": signed.request, "request_key": signed.request_key}


@blueprint.post("/signing/requests/<request_id>/result")
def accept(request_id: str) -> ResponseReturnValue:
    """What the bridge returned; idempotent by ``jti``."""
    found = service.accept(actor(), platform(), request_id, _object())
    return _status(found), 202


@blueprint.get("/signing/requests/<request_id>/status")
def status(request_id: str) -> ResponseReturnValue:
    """How far the completion is: polled by the dialog, and a page of its own without scripts."""
    found = service.own_request(actor(), work(), request_id)
    if flask.request.headers.get("HX-Request"):
        return flask.render_template("signing/progress.html", request=found)
    return _status(found)


def _status(found: SigningRequest) -> dict[str, Any]:
    step = "embed"
    if found.embedded_digest:
        step = "extend"
    if found.extended_digest:
        step = "validate"
    if found.final_digest:
        step = "seal"
    return {"request": found.id, "state": found.state, "step": step, "failure_ja": found.failure_ja}


def _shown(choice: CertificateChoice) -> dict[str, Any]:
    return {
        "sha256": choice.sha256,
        "holder": choice.holder,
        "issuer": choice.issuer,
        "not_after": date(jst(choice.not_after).date()) if choice.not_after else "",
        "kind": choice.kind_ja,
        "usable": choice.usable,
        "why": choice.why_ja,
    }


def _object() -> Mapping[str, Any]:
    """The request's JSON object; anything else is refused."""
    body = flask.request.get_json(silent=True)
    if not isinstance(body, dict):
        raise _malformed()
    return body


def _octets(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 65536:
        raise _malformed()
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed() from error


def _malformed() -> InputRefused:
    return InputRefused("message_malformed", "送られた内容を読み取れません。", "The message is malformed.")
