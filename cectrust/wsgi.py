"""What gunicorn serves: ``cectrust.wsgi:application()``; settings come from ``CECTRUST_SETTINGS``."""

from __future__ import annotations

from flask import Flask

from cectrust import faults, logs
from cectrust.app import create_app
from cectrust.platform import compose
from cectrust.settings import load_settings


def application() -> Flask:
    """One web process: its own platform, made after the fork."""
    settings = load_settings()
    logs.configure(settings.logging)
    faults.arm(test_mode=settings.test_mode)
    return create_app(compose(settings))
