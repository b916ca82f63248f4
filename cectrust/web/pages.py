"""Pages that belong to no domain: the choice of language, help with the bridge, signs of life."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from cectrust.web import policies
from cectrust.web.environments import environments
from cectrust.web.guards import public
from cectrust.web.languages import LANGUAGES
from cectrust.web.request import platform

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
    """PC環境設定ツール: examines this computer, and what to do in each state of browser and bridge (T22)."""
    page = {"environments": environments(), "policy_files": policies.FILES.values()}
    return flask.render_template("help/bridge.html", **page, download=platform().settings.bridge.download)


@blueprint.get("/help/pc-setup")
@public
def pc_setup() -> ResponseReturnValue:
    """An address that can be told on the telephone."""
    return flask.redirect(flask.url_for("web.bridge_help"), 308)


@blueprint.get("/help/bridge/policies/<name>")
@public
def policy_file(name: str) -> ResponseReturnValue:
    """A browser policy for administrators, made for this server's address."""
    file = policies.FILES.get(name) or flask.abort(404)
    made = file.make(platform().settings.server.base_url)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return flask.Response(made, mimetype=file.mimetype, headers=headers)


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
