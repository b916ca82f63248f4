"""Logs: one JSON object a line on stderr, the standard library's records included, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cectrust.settings_sections import Logging

HIDDEN = "***"
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_SECRET_WORDS = frozenset(("pin", "pins", "pincode", "pincodes"))
_SECRET_PARTS = (
    *("password", "passwd", "passphrase", "passcode", "secret", "token", "cookie", "authorization"),
    *("apikey", "api_key", "private", "credential", "recovery_code"),
)
"""Anywhere in a name; the words above only stand for themselves: "opinion" is no secret."""
_TALKATIVE = ("alembic", "dbos", "fontTools", "weasyprint", "urllib3")
_HARMLESS = frozenset({"token_label", "pin_state"})


def configure(section: Logging) -> None:
    """Called once by every process."""
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if section.json_lines
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_before(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(section.level)
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_before(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace values whose name says that they are secret, at any depth of dicts, lists and tuples.

    What has no name, a sentence or the text of an exception, is written as it is: no secret may be put into those.
    """
    return {name: _hidden(name, value) for name, value in event.items()}


def _hidden(name: object, value: Any) -> Any:
    if _is_secret(str(name)):
        return HIDDEN
    if isinstance(value, dict):
        return {inner: _hidden(inner, item) for inner, item in value.items()}
    return [_hidden("", item) for item in value] if isinstance(value, list | tuple) else value


def _is_secret(name: str) -> bool:
    lowered = name.lower()
    if lowered in _HARMLESS:
        return False
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words & _SECRET_WORDS) or any(part in lowered for part in _SECRET_PARTS)


def _before() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
