"""How often one address may try what is worth guessing. Accounts have their own back-off in ``identity``."""

from __future__ import annotations

import flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

SIGN_IN = "30 per minute"
"""Generous, because a construction office shares one address; each account is much stricter."""

limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")
"""Counts per process; with N web processes an address gets at most N times as much."""


def install(app: flask.Flask) -> None:
    limiter.init_app(app)
