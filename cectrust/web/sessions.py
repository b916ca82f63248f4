"""The cookie holds a token; everything else about a session is on the server (``cectrust.identity.sign_in``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import flask
import flask_login
from flask_login import LoginManager, login_user, logout_user

from cectrust.identity import service as identity
from cectrust.identity import sessions
from cectrust.identity.model import Account, SignedIn
from cectrust.web.application import Application

COOKIE = "__Host-cectrust"
_KEPT = ("language",)


@dataclass(frozen=True)
class SignedInUser:
    """What flask-login calls a user: an account behind a session token."""

    account: Account
    token: str = field(repr=False)
    company_name: str = ""
    half_open: bool = False
    """The second factor is still to come: for every page but those that take it, nobody is signed in."""
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def is_authenticated(self) -> bool:
        return not self.half_open

    @property
    def session(self) -> str:
        return sessions.digest(self.token)

    def get_id(self) -> str:
        return self.token


def install(app: Application, secret: bytes) -> None:
    """Configure the cookie and teach flask-login to ask the server about its token."""
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    manager = LoginManager(app)
    manager.session_protection = None  # it binds to address and browser, which change under mobile users
    manager.user_loader(_load)


def begin(signed_in: SignedIn) -> None:
    """Put a new session into the cookie; what an unknown person left there, the CSRF token too, is gone."""
    kept = {key: flask.session[key] for key in _KEPT if key in flask.session}
    flask.session.clear()
    flask.session.update(kept)
    _put(signed_in)


def renew(signed_in: SignedIn) -> None:
    """The same person goes on under a new id; forms that he has open in other tabs stay good."""
    _put(signed_in)


def _put(signed_in: SignedIn) -> None:
    account = signed_in.account
    login_user(SignedInUser(account, signed_in.token, _company_name(account), signed_in.half_open))


def _company_name(account: Account) -> str:
    """What this request knows already, for a page that it shows under the new id; the next one reads it again."""
    before = flask_login.current_user
    return str(before.company_name) if before.is_authenticated and before.account.id == account.id else ""


def end() -> None:
    logout_user()
    flask.session.clear()


def token() -> str:
    """The token of the session that this request came with."""
    return cast(str, flask.session.get("_user_id", ""))


def _load(cookie_token: str) -> SignedInUser | None:
    """Own short transactions: plugins open theirs, and two writers in one request would wait for each other."""
    platform = cast(Application, flask.current_app).platform
    with platform.reading() as work:
        found = sessions.account_of_session(work, cookie_token)
        if found is None:
            return None
        company_id = found.account.company_id
        company_name = identity.company(work, company_id).name if company_id else ""
    if found.stale:
        with platform.work() as work:
            sessions.seen(work, found)
    return SignedInUser(found.account, cookie_token, company_name, found.half_open)
