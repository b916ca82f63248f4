"""Pages that belong to no domain: the choice of language, help with the bridge, signs of life."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from cectrust.web.environments import environments
from cectrust.web.guards import public
from cectrust.web.languages import LANGUAGES

blueprint = flask.Blueprint("web", __name__)


@blueprint.post("/language")
@public
def choose_language() -> ResponseReturnValue:
    """Remember the language for this session and go back to the page it was chosen on."""
    language = flask.request.form.get("language", "ja")
    flask.session["language"] = language if language in LANGUAGES else "ja"
    return flask.redirect(local_target(flask.request.form.get("next", "")), 303)


@blueprint.get("/help/bridge")
@public
def bridge_help() -> ResponseReturnValue:
    """PC環境設定: what to do in each state that the browser and the bridge can be in (T22)."""
    return flask.render_template("help/bridge.html", environments=environments())


@blueprint.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """This process answers. Says nothing about anything behind it."""
    return flask.Response("ok\n", mimetype="text/plain")


def local_target(target: str) -> str:
    """A path of our own; anything that a browser could read as another host leads home."""
    if target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return "/"
