"""The one mapping from errors to HTTP. Unknown errors reveal nothing but an incident number."""

from __future__ import annotations

import flask
import structlog
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from cectrust.sdk.errors import (
    CectrustError,
    Conflict,
    Forbidden,
    InputRefused,
    IntegrityBroken,
    NotFound,
    NotSignedIn,
    TooManyRequests,
    Unavailable,
)
from cectrust.web import formats
from cectrust.web.guards import PasswordMustChange, SecondFactorNeeded
from cectrust.web.request import platform

log = structlog.get_logger("cectrust.web")

STATUS: dict[type[CectrustError], int] = {
    InputRefused: 422,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooManyRequests: 429,
    Unavailable: 503,
}
"""Errors that are not here (``IntegrityBroken``, ``Misconfigured``, unknown ones) are incidents."""

_HTTP: dict[int, CectrustError] = {
    404: NotFound(),
    405: InputRefused("method", "この操作はできません。", "This method is not allowed here."),
    429: TooManyRequests(
        "too_many_requests",
        "短い時間に操作が続いたため、受け付けませんでした。1 分ほど待ってから、もう一度お試しください。",
        "Too many requests. Wait a minute and try again.",
    ),
}
_BAD_REQUEST = InputRefused(
    "bad_request", "送られた内容を読み取れませんでした。前の画面からやり直してください。", "The request is malformed."
)
_CSRF = InputRefused(
    "form_outdated",
    "画面を開いてから時間がたったため、受け付けませんでした。画面を開き直して、もう一度操作してください。",
    "This form is outdated. Reload the page and try again.",
)


def install(app: flask.Flask) -> None:
    app.register_error_handler(CectrustError, _known)
    app.register_error_handler(CSRFError, lambda _error: answer(_CSRF, 400))
    app.register_error_handler(SecurityError, _foreign_host)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(PasswordMustChange, _change_password)
    app.register_error_handler(Exception, _incident)


def status_of(error: CectrustError) -> int:
    """HTTP status (RFC 9110, 15) of a known error."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def _known(error: CectrustError) -> ResponseReturnValue:
    status = status_of(error)
    if status == 500:
        return _incident(error)
    if isinstance(error, NotSignedIn) and not wants_json():
        return _to_second_factor() if isinstance(error, SecondFactorNeeded) else _to_sign_in()
    log.info("refused", code=error.code, status=status, detail=error.detail, request_id=_request_id())
    return answer(error, status)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    if error.code >= 500:
        return _incident(error)
    if error.code == 413:
        return answer(_too_large(), error.code)
    return answer(_HTTP.get(error.code, _BAD_REQUEST), error.code)


def _too_large() -> InputRefused:
    most = formats.size(platform().settings.limits.upload_bytes)
    return InputRefused(
        "too_large",
        f"ファイルが大きすぎるため、受け付けませんでした。何も保存していません。送れるのは {most} までです。"
        "画像の解像度を下げるか、文書を分けて、前の画面からやり直してください。",
        f"The upload is larger than {most}, the limit here; nothing of it was kept. Make it smaller and go back.",
    )


def _foreign_host(_error: SecurityError) -> ResponseReturnValue:
    """Asked under a name that is not ours: no page, since every link on it would be made from that name."""
    return flask.Response("400\n", 400, mimetype="text/plain")


def _incident(error: Exception) -> ResponseReturnValue:
    """An alarm in the log, and a number by which the help desk finds it."""
    incident = _request_id()[-12:].upper()
    alarm = isinstance(error, IntegrityBroken)
    log.error("incident", incident=incident, integrity=alarm, request_id=_request_id(), exc_info=error)
    shown = CectrustError(
        "incident",
        f"申し訳ありません。処理を完了できませんでした。受付番号 {incident} をヘルプデスクにお知らせください。",
        f"Something went wrong. Tell the help desk this number: {incident}.",
    )
    return answer(shown, 500, incident)


def answer(error: CectrustError, status: int, incident: str = "") -> ResponseReturnValue:
    if wants_json():
        body = {"code": error.code, "message_ja": error.ja, "message_en": error.en}
        return flask.jsonify(body), status
    return flask.render_template("cectrust/error.html", error=error, status=status, incident=incident), status


def wants_json() -> bool:
    """Scripts say ``Accept: application/json``; browsers ask for pages."""
    accepts = flask.request.accept_mimetypes
    return accepts.best_match(("text/html", "application/json")) == "application/json"


def _to_second_factor() -> ResponseReturnValue:
    target = flask.request.full_path if flask.request.method == "GET" else None
    return _redirect(flask.url_for("authentication.second_factor", next=target))


def _to_sign_in() -> ResponseReturnValue:
    target = flask.url_for("identity.sign_in", next=flask.request.full_path if flask.request.method == "GET" else None)
    return _redirect(target)


def _change_password(_error: PasswordMustChange) -> ResponseReturnValue:
    return _redirect(flask.url_for("identity.password"))


def _redirect(target: str) -> ResponseReturnValue:
    """htmx follows redirects inside the fragment; it needs its own header to leave the page."""
    if flask.request.headers.get("HX-Request"):
        return flask.Response("", 204, {"HX-Redirect": target})
    return flask.redirect(target, 303)


def _request_id() -> str:
    return str(flask.g.get("request_id", "0" * 32))
