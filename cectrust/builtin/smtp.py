"""The built-in notifier: mail by SMTP (RFC 5321), encrypted unless the server is this very machine."""

from __future__ import annotations

import re
import smtplib
import ssl
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from cectrust.sdk import hookimpl
from cectrust.sdk.errors import InputRefused, Unavailable
from cectrust.sdk.protocols import Message, Notifier, PluginContext

_ADDRESS = re.compile(r"[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]{1,64}@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*\Z")
_MESSAGE_ID = re.compile(r"[0-9A-Za-z._-]{1,120}@[0-9A-Za-z.-]{1,120}\Z")
_BREAKING = ("Cc", "Zl", "Zp", "Cs")
"""Unicode categories that end a line somewhere or that no mail can carry."""


class Settings(BaseModel):
    """``[plugins.smtp]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "plain"] = "starttls"
    """``plain`` only to this machine."""
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str
    """Address that mails come from."""
    sender_name: str = ""
    roots: Path | None = None
    """PEM file of roots instead of the system's."""
    seconds: float = Field(default=20.0, gt=0, le=120)

    @field_validator("sender")
    @classmethod
    def _address(cls, value: str) -> str:
        if not _ADDRESS.match(value):
            raise ValueError("must be a mail address")
        return value

    @field_validator("sender_name")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if _breaks(value):
            raise ValueError("must be one line without control characters")
        return value

    @model_validator(mode="after")
    def _plain_only_here(self) -> Settings:
        if self.security == "plain" and not _is_loopback(self.host):
            raise ValueError("security = 'plain' is for a server on this machine only")
        return self


@hookimpl
def cectrust_settings_section() -> type[Settings]:
    return Settings


@hookimpl
def cectrust_notifiers(context: PluginContext) -> dict[str, Notifier]:
    return {"smtp": SmtpNotifier(context.settings)}


class SmtpNotifier:
    """Hands each message to one server (``cectrust.sdk.protocols.Notifier``). A connection per message."""

    name = "smtp"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, message: Message) -> None:
        """Raises ``Unavailable`` (try again) or ``InputRefused`` (never will: malformed, or refused for good)."""
        mail = compose(message, Address(self._settings.sender_name, addr_spec=self._settings.sender))
        with _failures(), self._connected() as server:
            server.send_message(mail, self._settings.sender, [message.to])

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        s = self._settings
        context = ssl.create_default_context(cafile=str(s.roots) if s.roots else None)
        if s.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(s.host, s.port, timeout=s.seconds, context=context)
        else:
            server = smtplib.SMTP(s.host, s.port, timeout=s.seconds)
        with server:
            if s.security == "starttls":
                server.starttls(context=context)
            if s.username:
                server.login(s.username, s.password.get_secret_value())
            yield server


def compose(message: Message, sender: Address) -> EmailMessage:
    """The mail of ``message``. Raises ``InputRefused`` for what would break or forge a header."""
    _check(message)
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = f"<{message.message_id}>"
    mail["Date"] = localtime()
    mail["From"] = sender
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = message.subject
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    mail.set_content(message.body, cte="base64")
    return mail


def _check(message: Message) -> None:
    fits = {
        "message_id": bool(_MESSAGE_ID.match(message.message_id)),
        "to": len(message.to) <= 254 and bool(_ADDRESS.match(message.to)),
        "subject": not _breaks(message.subject) and len(message.subject) <= 500,
        "body": not _breaks(message.body.replace("\n", "").replace("\t", "")),
    }
    for field, good in fits.items():
        if not good:
            raise InputRefused(
                "mail_malformed",
                "メールを作成できません。宛先または件名に使えない文字があります。",
                f"The mail's {field} is malformed.",
                field=field,
            )


def _breaks(text: str) -> bool:
    return any(unicodedata.category(character) in _BREAKING for character in text)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise (_refused if 500 <= code < 600 else _unavailable)(f"{code} {text!r}") from error
    except smtplib.SMTPDataError as error:
        raise (_refused if 500 <= error.smtp_code < 600 else _unavailable)(f"{error.smtp_code}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise _unavailable(type(error).__name__) from error


def _refused(detail: str) -> InputRefused:
    return InputRefused(
        "mail_refused",
        "相手のメールサーバーが受け取りを拒否しました。メールアドレスを確かめてください。",
        "The mail server refuses this recipient or message for good.",
        detail[:200],
    )


def _unavailable(detail: str) -> Unavailable:
    return Unavailable(
        "mail_unavailable",
        "メールサーバーに接続できないか、受け取られませんでした。自動的に再送します。",
        "The mail server did not take the message; it is tried again.",
        detail[:200],
    )
