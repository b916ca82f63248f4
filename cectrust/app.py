"""The only composition root of the web process."""

from __future__ import annotations

import flask
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect

from cectrust.archive import views as archive
from cectrust.authentication import pages as second_factor
from cectrust.authentication import step_up_pages as step_up
from cectrust.authentication import views as authentication
from cectrust.clock import today
from cectrust.contracts import display, receipt_views
from cectrust.contracts import views as contracts
from cectrust.contracts.service import DUE_SOON
from cectrust.identity import views as identity
from cectrust.platform import Platform, web_secret
from cectrust.resources import templates_directory
from cectrust.sdk.protocols import Page
from cectrust.signing import bridge_views as bridges
from cectrust.signing import views as signing
from cectrust.verification import views as verification
from cectrust.web import (
    errors,
    formats,
    guards,
    headers,
    languages,
    pages,
    proxies,
    rates,
    sessions,
    static_files,
    texts,
    turns,
    uploads,
)
from cectrust.web.application import Application
from cectrust.web.guards import name_blueprint, name_machine, open_blueprint

ABOUT_PEOPLE = (pages, identity, authentication, second_factor, step_up)


def create_app(platform: Platform) -> Application:
    """The WSGI application of one web process."""
    app = Application("cectrust", template_folder=str(templates_directory()))
    app.platform = platform
    _configure(app)
    for part in (headers, errors, formats, languages, proxies, static_files, turns):
        part.install(app)
    sessions.install(app, web_secret(platform.settings))
    csrf = _admission(app)
    app.context_processor(_layout)
    display.install(app)
    step_up.install(app)
    for room in (*ABOUT_PEOPLE, contracts, receipt_views, signing, bridges, archive, verification):
        app.register_blueprint(room.blueprint)
    for endpoint in bridges.MACHINE_ENDPOINTS:
        _open_to_machines(app, csrf, endpoint)
    for name, page in platform.pages:
        _mount(app, csrf, name, page)
        app.config["TRUSTED_HOSTS"] += sorted(page.hosts)
    return app


def _configure(app: Application) -> None:
    settings = app.platform.settings
    app.config.update(
        TRUSTED_HOSTS=[settings.server.host_of_base_url],
        PREFERRED_URL_SCHEME="https" if settings.server.is_secure else "http",
        MAX_CONTENT_LENGTH=uploads.FORM_LENGTH,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as the session, which has its own limits
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        TEMPLATES_AUTO_RELOAD=False,
    )


def _admission(app: Application) -> CSRFProtect:
    """What is asked before a view, in this order: only the last two read the body."""
    rates.install(app)
    guards.install(app)
    uploads.install(app)
    csrf = CSRFProtect(app)
    texts.install(app)
    return csrf


def _open_to_machines(app: Application, csrf: CSRFProtect, endpoint: str) -> None:
    """Nobody's session gives what machines post any right; its octets are read by the view alone."""
    csrf.exempt(app.view_functions[endpoint])
    name_machine(app, endpoint)


def _mount(app: Application, csrf: CSRFProtect, name: str, page: Page) -> None:
    app.register_blueprint(page.blueprint, url_prefix=f"/{name}")
    name_blueprint(app, page.blueprint.name, page.hosts)
    if page.public:
        open_blueprint(app, page.blueprint.name)
    for endpoint in page.machine_endpoints:
        _open_to_machines(app, csrf, endpoint)


def _layout() -> dict[str, object]:
    """What ``cectrust/base.html`` shows on every page."""
    app = flask.current_app
    assert isinstance(app, Application)  # noqa: S101 -- this processor is installed on nothing else
    day = today(app.platform.clock)
    return {
        "operator": app.platform.settings.operator,
        "signed_in": current_user if current_user.is_authenticated else None,
        "plugin_pages": [page for _, page in app.platform.pages if page.menu_ja],
        "bridge_ports": app.platform.settings.bridge.ports,
        "upload_limit": app.platform.settings.limits.upload_bytes,
        "today": day,
        "soon": day + DUE_SOON,
    }
