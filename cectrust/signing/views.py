"""The signing dialog and the messages of its script (``static/sign.js``). Byte strings travel as base64url."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cectrust.clock import jst
from cectrust.contracts import service as contracts
from cectrust.identity.permissions import require
from cectrust.sdk.errors import InputRefused
from cectrust.signing import connections, service
from cectrust.signing.display import shown_batch, shown_item
from cectrust.signing.model import MOST_DOCUMENTS, CertificateChoice
from cectrust.web.downloads import send_blob
from cectrust.web.formats import date, kind
from cectrust.web.languages import current, sentence
from cectrust.web.request import Attempt, actor, platform, work
from cectrust.web.turns import SIGNING_OF_ONE, SIGNING_PATIENCE, in_turn

blueprint = flask.Blueprint("signing", __name__)

LISTINGS = {"cert.list": "cert.list", "token.list": "token.list"}


@blueprint.get("/contracts/<contract_id>/sign")
def dialog(contract_id: str) -> ResponseReturnValue:
    """The guided steps for one contract; refuses at once where it is not this person's turn to sign."""
    contract, _ = contracts.slot_to_sign(actor(), work(), contract_id)
    return flask.render_template("signing/dialog.html", contract=contract, role=contracts.role_of(actor(), contract))


@blueprint.post("/signing/batches")
def select() -> ResponseReturnValue:
    """Several contracts at once from a list's form, or the dialog's one contract from its script."""
    require(actor(), "signing.selected")  # before the message's form
    if flask.request.is_json:
        batch = service.select(actor(), work(), _texts(_object().get("contracts")))
        return _progress(batch.id), 201
    with Attempt(InputRefused) as attempt:
        batch = service.select(actor(), work(), flask.request.form.getlist("contract"))
    if attempt.refusal:
        flask.flash(sentence(attempt.refusal))
        return flask.redirect(flask.url_for("contracts.home"), 303)
    return flask.redirect(flask.url_for("signing.batch", batch_id=batch.id), 303)


@blueprint.get("/signing/batches/<batch_id>")
def batch(batch_id: str) -> ResponseReturnValue:
    """The contracts that will be signed, their totals, which are left out and why; then the guided steps."""
    found, entries = service.contents(actor(), work(), batch_id)
    shown = shown_batch(entries, found, work().clock.now())
    return flask.render_template("signing/batch.html", batch=found, shown=shown)


@blueprint.get("/signing/batches/<batch_id>/status")
def status(batch_id: str) -> ResponseReturnValue:
    """How far each contract is; asked again and again until the last completion has ended."""
    return _progress(batch_id)


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


@blueprint.post("/signing/batches/<batch_id>/certificates")
def certificates(batch_id: str) -> ResponseReturnValue:
    """Which of the certificates in the bridge's signed list may sign how many of the contracts, and why not."""
    body = _object()
    if not isinstance(listed := body.get("result"), dict):
        raise _malformed()
    found = service.choices(actor(), platform(), batch_id, str(body.get("connection", "")), listed)
    return {"certificates": [_shown(choice) for choice in found]}


@blueprint.post("/signing/batches/<batch_id>/certificate")
def choose(batch_id: str) -> ResponseReturnValue:
    count = len(service.own_batch(actor(), work(), batch_id).items)
    life = platform().settings.signing.life(count)
    service.choose(actor(), work(), batch_id, _octets(_object().get("certificate")), life)
    return {"batch": batch_id}


@blueprint.post("/signing/batches/<batch_id>/items/<int:ordinal>")
@in_turn(SIGNING_OF_ONE, SIGNING_PATIENCE)
def prepare(batch_id: str, ordinal: int) -> ResponseReturnValue:
    """Prepare one of the contracts; the script asks for several at a time."""
    found = service.prepare(actor(), platform(), batch_id, ordinal)
    return {
        "document": found.document_id,
        "size": found.prepared.size,
        "url": flask.url_for("signing.prepared_document", request_id=found.id),
    }, 201


@blueprint.post("/signing/batches/<batch_id>/items/<int:ordinal>/fields")
@in_turn(SIGNING_OF_ONE, SIGNING_PATIENCE)
def add_fields(batch_id: str, ordinal: int) -> ResponseReturnValue:
    """Give the contract's document its signature fields; the script asks for it while it looks for the bridge."""
    service.add_fields(actor(), platform(), batch_id, ordinal)
    return {"batch": batch_id}


@blueprint.get("/signing/requests/<request_id>/document.pdf")
def prepared_document(request_id: str) -> ResponseReturnValue:
    """The very bytes that the bridge will hash and show."""
    found, key = service.prepared_document(actor(), work(), request_id)
    return send_blob(platform().blobs, key, f"{found.id}.pdf", "application/pdf", inline=True)


@blueprint.post("/signing/batches/<batch_id>/connection")
def bind_connection(batch_id: str) -> ResponseReturnValue:
    """Say over which verified connection the request will travel."""
    service.bind_connection(actor(), work(), batch_id, str(_object().get("connection", "")))
    return {"batch": batch_id}


@blueprint.post("/signing/batches/<batch_id>/orders/<operation>")
def order_signature(batch_id: str, operation: str) -> ResponseReturnValue:
    """The server-signed request itself (``sign``), or the one that fetches kept results again (``sign.resume``)."""
    if operation not in ("sign", "sign.resume"):
        flask.abort(404)
    with platform().reading() as before:
        found = service.own_batch(actor(), before, batch_id)
        connection = connections.verified_connection(actor(), before, str(found.connection_id))
    signed = platform().keys.sign_request(operation, found.id, str(connection.cn))
    if operation == "sign":
        service.note_order(actor(), work(), batch_id)
    return {"request": signed.request, "request_key": signed.request_key}


@blueprint.post("/signing/batches/<batch_id>/results")
def accept(batch_id: str) -> ResponseReturnValue:
    """What the bridge returned for one document; the same once more changes nothing."""
    found = service.accept(actor(), platform(), batch_id, _object())
    return {"document": found.document_id, "state": found.state}, 202


def _progress(batch_id: str) -> dict[str, Any]:
    found, entries = service.contents(actor(), work(), batch_id)
    now = work().clock.now()
    return {
        "batch": found.id,
        "ordered": found.connection_id is not None,
        "items": [shown_item(entry, found, now).as_json() for entry in entries],
    }


def _shown(choice: CertificateChoice) -> dict[str, Any]:
    return {
        "sha256": choice.sha256,
        "holder": choice.holder or _("読み取れない電子証明書"),
        "issuer": choice.issuer,
        "not_after": date(jst(choice.not_after).date()) if choice.not_after else "",
        "kind": kind(choice.kind)[1] if choice.kind else "",
        "usable": choice.usable,
        "contracts": choice.contracts,
        "why": sentence(choice.why) if choice.why else "",
        "warnings": [warning.en if current() == "en" else warning.ja for warning in choice.warnings],
    }


def _object() -> Mapping[str, Any]:
    """The request's JSON object; anything else is refused."""
    body = flask.request.get_json(silent=True)
    if not isinstance(body, dict):
        raise _malformed()
    return body


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_DOCUMENTS or not all(isinstance(each, str) for each in value):
        raise _malformed()
    return value


def _octets(value: object) -> bytes:
    if not isinstance(value, str) or len(value) > 65536:
        raise _malformed()
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _malformed() from error


def _malformed() -> InputRefused:
    return InputRefused("message_malformed", "送られた内容を読み取れません。", "The message is malformed.")
