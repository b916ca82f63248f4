"""What no database keeps as text is refused before any view: NUL, and halves of surrogate pairs.

Only JSON can carry such a half (RFC 8259, 8.2); addresses and forms are decoded as UTF-8, which has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import flask
from flask.typing import ResponseReturnValue

from cectrust.sdk.errors import InputRefused
from cectrust.web.application import Application
from cectrust.web.errors import answer
from cectrust.web.guards import is_machine

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REFUSAL = InputRefused(
    "characters_unstorable",
    "送られた内容に、扱えない文字（NUL など）が含まれています。何も保存していません。"
    "その文字を消して、もう一度お試しください。",
    "What was sent holds characters that cannot be kept (such as NUL). Nothing was saved. Remove them and try again.",
)


def install(app: Application) -> None:
    """To be installed last of what is asked before a view: it reads forms and messages."""

    @app.before_request
    def _refuse() -> ResponseReturnValue | None:
        try:
            refused = any(map(_UNSTORABLE.search, _texts(app)))
        except RecursionError:  # a message of nothing but brackets
            refused = True
        return answer(_REFUSAL, 400) if refused else None


def _texts(app: Application) -> Iterator[str]:
    request = flask.request
    yield request.path
    for fields in (request.args, request.form):
        for name, value in fields.items(multi=True):
            yield from (name, value)
    if request.is_json and not is_machine(app, request.endpoint or ""):
        yield from _in(request.get_json(silent=True))


def _in(message: object) -> Iterator[str]:
    """All texts of a JSON value, at any depth."""
    if isinstance(message, str):
        yield message
    elif isinstance(message, list):
        for part in message:
            yield from _in(part)
    elif isinstance(message, dict):
        for name, part in message.items():
            yield name
            yield from _in(part)
