"""What every response tells the browser: nothing runs, loads or frames that is not ours."""

from __future__ import annotations

import time

import flask

from cectrust.clock import new_id
from cectrust.settings import Settings
from cectrust.web.application import Application

_PDF_WORKER = "vendor/pdfjs/pdf.worker.min.mjs"
_WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; font-src 'self'"
"""Scans in JBIG2 and JPEG 2000 are decoded by WebAssembly, which only pdf.js' worker may compile."""


def install(app: Application) -> None:
    """Number and time each request; add the headers."""
    policy = page_policy(app.platform.settings)
    secure = app.platform.settings.server.is_secure

    @app.before_request
    def _start() -> None:
        flask.g.started = time.perf_counter()
        flask.g.request_id = new_id(app.platform.clock)

    @app.after_request
    def _finish(response: flask.Response) -> flask.Response:
        _protect(response, policy, secure)
        if "started" in flask.g:
            elapsed = (time.perf_counter() - flask.g.started) * 1000
            response.headers["Server-Timing"] = f"app;dur={elapsed:.1f}"
            response.headers["X-Request-Id"] = flask.g.request_id
        return response


def page_policy(settings: Settings) -> str:
    """Content Security Policy (W3C CSP 3) of pages; the bridge's ports are the only address beside our own.

    Each port is named twice: for the WebSocket, and for the probe that tells *absent* from *not paired*.
    """
    ports = " ".join(f"ws://127.0.0.1:{port} http://127.0.0.1:{port}" for port in settings.bridge.ports)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self' data:",
            f"connect-src 'self' {ports}",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _protect(response: flask.Response, policy: str, secure: bool) -> None:
    worker = flask.request.path.endswith(_PDF_WORKER)
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _WORKER_POLICY if worker else policy)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = (
        "loopback-network=(self), local-network-access=(self), camera=(), microphone=(), geolocation=(), usb=()"
    )
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if flask.request.endpoint != "static" and "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
