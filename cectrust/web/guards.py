"""Every view is for people who are signed in, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import flask
from flask_login import current_user
from werkzeug.exceptions import SecurityError

from cectrust.sdk.errors import NotSignedIn

View = TypeVar("View", bound=Callable[..., Any])
_CHANGING_PASSWORD = frozenset({"identity.password", "identity.change_password", "identity.sign_out"})


def public(view: View) -> View:
    """The view is for people who are not signed in, too."""
    view.__dict__["cectrust_public"] = True
    return view


def half_open(view: View) -> View:
    """The view is also for people who gave their password and not yet their second factor."""
    view.__dict__["cectrust_half_open"] = True
    return view


def install(app: flask.Flask) -> None:
    """Ask before anything reads what was sent."""
    app.before_request(lambda: admit(app))


def open_blueprint(app: flask.Flask, name: str) -> None:
    """All views of a plugin's public blueprint: machines fetch CRLs and ask OCSP without a session."""
    app.extensions.setdefault("cectrust_public_blueprints", set()).add(name)


def name_blueprint(app: flask.Flask, name: str, hosts: frozenset[str]) -> None:
    """Further host names by which the views of a plugin's blueprint are reached."""
    app.extensions.setdefault("cectrust_blueprint_hosts", {})[name] = hosts


def name_machine(app: flask.Flask, endpoint: str) -> None:
    """Programs post to this view, octets that nothing but the view reads."""
    app.extensions.setdefault("cectrust_machines", set()).add(endpoint)


def is_machine(app: flask.Flask, endpoint: str) -> bool:
    return endpoint in app.extensions.get("cectrust_machines", ())


def is_public(app: flask.Flask, endpoint: str) -> bool:
    blueprint = endpoint.rpartition(".")[0]
    if endpoint == "static" or blueprint in app.extensions.get("cectrust_public_blueprints", ()):
        return True
    return bool(getattr(app.view_functions.get(endpoint), "cectrust_public", False))


def admit(app: flask.Flask) -> None:
    """Let the request through to its view.

    Raises:
        SecurityError: the host name is one that only a plugin's page answers to.
        SecondFactorNeeded: the view is not for people whose second factor is still to come.
        NotSignedIn: the view is not public and nobody is signed in.
        PasswordMustChange: the initial password is still in use.
    """
    endpoint = flask.request.endpoint
    _refuse_other_names(app, endpoint or "")
    if endpoint is None or is_public(app, endpoint):
        return
    if not current_user.is_authenticated:
        if getattr(current_user, "half_open", False):
            _admit_half_open(app, endpoint)
            return
        raise NotSignedIn(
            "not_signed_in",
            "ログインしていないか、しばらく操作がなかったため、接続が終了しました。もう一度ログインしてください。",
            "You are not signed in, or your session has ended. Sign in again.",
        )
    if current_user.account.must_change_password and endpoint not in _CHANGING_PASSWORD:
        raise PasswordMustChange


def _admit_half_open(app: flask.Flask, endpoint: str) -> None:
    if not getattr(app.view_functions.get(endpoint), "cectrust_half_open", False):
        raise SecondFactorNeeded


def _refuse_other_names(app: flask.Flask, endpoint: str) -> None:
    host = urlsplit(f"//{flask.request.host}").hostname or ""
    names = app.extensions.get("cectrust_blueprint_hosts", {}).get(endpoint.rpartition(".")[0], frozenset())
    if endpoint != "static" and host != app.config["TRUSTED_HOSTS"][0] and host not in names:
        raise SecurityError(f"{host} is not a name of {endpoint}")


class SecondFactorNeeded(NotSignedIn):
    """Nothing else is possible before the second factor was given."""

    def __init__(self) -> None:
        super().__init__(
            "second_factor_needed",
            "ログインの途中です。電子証明書で本人確認を済ませてください。",
            "Your sign-in is not complete: prove yourself with your certificate.",
        )


class PasswordMustChange(Exception):
    """Nothing else is possible before the initial password was changed."""
