"""Mail by real SMTP: what arrives, what is refused, and that a password never goes out in clear."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from pydantic import ValidationError

from cectrust.builtin.smtp import Settings, SmtpNotifier
from cectrust.sdk.errors import InputRefused, Unavailable
from cectrust.sdk.protocols import Message
from cectrust.sdk.testing import NotifierContract
from tests.support.mail import Mailbox, catching, smtp_server
from tests.support.tls import server_context
from tests.support.wire import answer, serving

MESSAGE = Message("a1b2@example.jp", "yoshino@example.jp", "件名", "本文\n")


@pytest.fixture(scope="module")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with catching(tmp_path_factory.mktemp("mails")) as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(catcher: Mailbox) -> Mailbox:
    """The catcher's mail box, emptied."""
    for mail in catcher.directory.glob("*.eml"):
        mail.unlink()
    return catcher


def notifier_for(port: int, **settings: Any) -> SmtpNotifier:
    plain = {"host": "127.0.0.1", "port": port, "security": "plain", "sender": "noreply@example.jp"}
    return SmtpNotifier(Settings(**{**plain, **settings}))


class TestSmtp(NotifierContract):
    @pytest.fixture
    def notifier(self, mailbox: Mailbox) -> SmtpNotifier:
        return notifier_for(mailbox.port, sender_name="CECTRUST 運営担当（試験用）")

    @pytest.fixture
    def received(self, mailbox: Mailbox) -> Callable[[], Sequence[Message]]:
        return mailbox.messages

    @pytest.fixture
    def unreachable(self) -> SmtpNotifier:
        with serving(answer(b"")) as gone:
            pass
        return notifier_for(gone.port)


def test_a_mail_names_its_sender_and_asks_for_no_automatic_answer(mailbox: Mailbox) -> None:
    notifier_for(mailbox.port, sender_name="運営担当（試験用）").send(MESSAGE)
    (mail,) = mailbox.mails()
    (sender,) = mail["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("運営担当（試験用）", "noreply@example.jp")
    assert mail["Auto-Submitted"] == "auto-generated"


class Answering:
    """aiosmtpd's handler: answers a recipient and a message as a test says."""

    def __init__(self, rcpt: str = "250 OK", data: str = "250 OK") -> None:
        self.rcpt, self.data, self.taken = rcpt, data, 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, *_: Any) -> str:
        self.taken += self.data.startswith("250")
        return self.data


@pytest.fixture
def serve() -> Iterator[Callable[..., int]]:
    """Starts servers and returns their ports; all are stopped at the end."""
    with ExitStack() as started:
        yield lambda handler, **options: started.enter_context(smtp_server(handler, **options))


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (Answering(rcpt="550 no such user"), InputRefused),
        (Answering(rcpt="450 greylisted"), Unavailable),
        (Answering(data="554 looks like spam"), InputRefused),
        (Answering(data="452 disk full"), Unavailable),
    ],
)
def test_refused_for_good_differs_from_refused_for_now(
    serve: Callable[..., int], handler: Answering, error: type[Exception]
) -> None:
    with pytest.raises(error):
        notifier_for(serve(handler)).send(MESSAGE)


def test_starttls_with_a_trusted_certificate_carries_password_and_mail(
    serve: Callable[..., int], tmp_path: Path
) -> None:
    handler, seen = Answering(), []

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=True)

    context = server_context(tmp_path, "localhost")
    port = serve(handler, tls_context=context, require_starttls=True, authenticator=authenticate, auth_require_tls=True)
    settings = {"host": "localhost", "security": "starttls", "roots": tmp_path / "certificate.pem"}
    notifier_for(port, username="cectrust", password="geheim", **settings).send(MESSAGE)
    assert (handler.taken, seen) == (1, [(b"cectrust", b"geheim")])


def test_a_server_without_starttls_gets_neither_password_nor_mail(serve: Callable[..., int]) -> None:
    handler = Answering()
    with pytest.raises(Unavailable):
        notifier_for(serve(handler), host="localhost", security="starttls", username="cectrust").send(MESSAGE)
    assert handler.taken == 0


def test_an_unknown_certificate_gets_no_mail(serve: Callable[..., int], tmp_path: Path) -> None:
    handler = Answering()
    context: ssl.SSLContext = server_context(tmp_path, "localhost")
    with pytest.raises(Unavailable):
        notifier_for(serve(handler, tls_context=context), host="localhost", security="starttls").send(MESSAGE)
    assert handler.taken == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "mail.example.jp"},
        {"host": "192.168.1.1"},
        {"sender": "nobody"},
        {"sender": "a@b\nBcc: c@d"},
        {"sender_name": "A\r\nBcc: c@d"},
        {"hots": "x"},
        {"port": 0},
    ],
)
def test_plain_to_another_machine_and_other_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    plain = {"host": "localhost", "security": "plain", "sender": "noreply@example.jp"}
    with pytest.raises(ValidationError):
        Settings(**{**plain, **wrong})


def test_a_password_is_not_shown() -> None:
    settings = Settings(host="localhost", security="plain", sender="a@example.jp", password="geheim")
    assert "geheim" not in repr(settings)
