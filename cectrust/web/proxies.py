"""The client's address behind reverse proxies. Of all ``X-Forwarded-…`` nothing else is believed."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from cectrust.web.application import Application


def install(app: Application) -> None:
    """Believe as many entries of ``X-Forwarded-For``, from its end, as ``server.trusted_proxies`` says."""
    trusted = app.platform.settings.server.trusted_proxies
    if trusted:
        inner = _AddressesOnly(app.wsgi_app)
        app.wsgi_app = ProxyFix(inner, x_for=trusted, x_proto=0, x_host=0)  # type: ignore[method-assign]


class _AddressesOnly:
    """What a proxy wrote and is no address is not counted as one: the peer's own stays."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            ip_address(environ.get("REMOTE_ADDR", ""))
        except ValueError:
            environ["REMOTE_ADDR"] = environ["werkzeug.proxy_fix.orig"]["REMOTE_ADDR"]
        return self._app(environ, start_response)
