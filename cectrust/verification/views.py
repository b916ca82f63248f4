"""One page: upload a PDF, read the verdict."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue

from cectrust.verification import service
from cectrust.web.request import Shown, actor, platform
from cectrust.web.turns import in_turn
from cectrust.web.uploads import takes_file, uploaded

blueprint = flask.Blueprint("verification", __name__)


@blueprint.get("/verify")
def form() -> ResponseReturnValue:
    return flask.render_template("verification/verify.html", report=None, name="", refusal=None)


@blueprint.post("/verify")
@takes_file
@in_turn()
def verify() -> ResponseReturnValue:
    report, given_name = None, ""
    with Shown() as attempt, uploaded("document") as (path, name):
        report, given_name = service.verify(actor(), platform(), path), name
    status = 422 if attempt.refusal else 200
    page = flask.render_template("verification/verify.html", report=report, name=given_name, refusal=attempt.refusal)
    return page, status
