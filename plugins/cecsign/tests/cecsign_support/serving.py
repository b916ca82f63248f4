"""The repository served over real HTTP from a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cectrust_cecsign.views import build_blueprint
from flask import Flask
from flask_babel import Babel
from jinja2 import ChoiceLoader, DictLoader
from werkzeug.serving import make_server

from cectrust.sdk.errors import NotFound
from cectrust.sdk.protocols import PluginContext

BASE = """<!doctype html><html lang="ja"><title>{% block title %}{% endblock %}</title>
<main>{% block content %}{% endblock %}</main></html>"""


def build_app(context: PluginContext) -> Flask:
    """Flask with nothing but the plugin's blueprint and a bare base template."""
    app = Flask("cecsign-tests")
    app.jinja_loader = ChoiceLoader([DictLoader({"cectrust/base.html": BASE})])
    Babel(app, default_locale="ja")
    app.register_blueprint(build_blueprint(context), url_prefix="/cecsign")
    app.register_error_handler(NotFound, lambda error: (error.ja, 404))
    return app


@contextmanager
def served(context: PluginContext) -> Iterator[str]:
    """Address of the running repository, without a slash at the end."""
    server = make_server("127.0.0.1", 0, build_app(context), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/cecsign"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
