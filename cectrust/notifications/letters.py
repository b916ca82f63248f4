"""Acts into the words that a person reads."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cectrust.characters import is_seen
from cectrust.clock import jst
from cectrust.identity.model import Mailbox
from cectrust.journal.model import RecordedAct
from cectrust.notifications.model import Letterhead, Rule, message_id
from cectrust.resources import templates_directory
from cectrust.sdk.protocols import Message

SUBJECT_LENGTH = 120
"""Characters; what is longer no mail program shows."""


def compose(rule: Rule, act: RecordedAct, to: Mailbox, letterhead: Letterhead) -> Message:
    """The mail that tells ``to`` of ``act``. People's words are put in as single harmless lines."""
    values = {
        **{name: _readable(value) for name, value in act.detail.items()},
        "person": to.person,
        "at": f"{jst(act.at):%Y-%m-%d %H:%M}（日本時間）",
        "link": letterhead.base_url + rule.page.format(subject=act.subject, **_ids(act)),
        "letterhead": letterhead,
    }
    template = _environment().get_template(rule.template)
    subject = "".join(template.blocks["subject"](template.new_context(values)))
    host = urlsplit(letterhead.base_url).hostname or "localhost"
    identity = message_id(act.id, to.account_id, host)
    return Message(identity, to.mail, _line(subject)[:SUBJECT_LENGTH], template.render(values).strip() + "\n")


@cache
def _environment() -> Environment:
    return Environment(  # noqa: S701 - plain text: HTML escapes would be shown to the reader
        loader=FileSystemLoader(templates_directory() / "mail"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _ids(act: RecordedAct) -> dict[str, str]:
    return {"consent_id": str(act.detail.get("consent_id", ""))}


def _readable(value: object) -> object:
    """Strings of the detail as lines, at any depth."""
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, dict):
        return {name: _readable(part) for name, part in value.items()}
    return [_readable(part) for part in value] if isinstance(value, list) else value


def _line(text: str) -> str:
    """One line without characters that steer a terminal, reorder text or split a header."""
    return " ".join("".join(c if is_seen(c) else " " for c in text).split())
