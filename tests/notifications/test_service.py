"""People are told what happened: once, by real mail, and again only when it did not arrive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cectrust.builtin.smtp import Settings, SmtpNotifier
from cectrust.database import Database
from cectrust.identity import service as identity
from cectrust.identity.model import NewAccount
from cectrust.journal import service as journal
from cectrust.journal import store as journal_store
from cectrust.notifications import service
from cectrust.notifications.model import ATTEMPTS, FIRST_WAIT, LEASE, LONGEST_WAIT, DeliveryState, Letterhead
from cectrust.sdk.errors import InputRefused, Unavailable
from cectrust.sdk.protocols import Act, Actor, ActorKind, Message, Notifier
from cectrust.sdk.testing import together
from cectrust.work import Work
from tests.conftest import ChosenClock
from tests.support.mail import catching
from tests.support.works import work_on

LETTERHEAD = Letterhead(
    "http://localhost:8710", "架空電子契約サービス株式会社", "ヘルプデスク", "help@operator.invalid"
)
SENDER_COMPANY, RECIPIENT_COMPANY = "髙﨑建設株式会社", "𠮷野設備株式会社"


@dataclass(frozen=True)
class Parties:
    """Two companies: one sender, two users at the recipient."""

    sender: Mapping[str, str]
    recipient: Mapping[str, str]
    colleague: str


@dataclass
class Recording:
    """A notifier that keeps what it was given; ``raises`` first, one after the other."""

    name: str = "recording"
    raises: list[Exception] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        if self.raises:
            raise self.raises.pop(0)
        self.sent.append(message)


@pytest.fixture
def open_work(database: Database, clock: ChosenClock) -> Callable[[], AbstractContextManager[Work]]:
    return partial(work_on, database, clock)


@pytest.fixture
def parties(open_work: service.OpenWork) -> Parties:
    with open_work() as work:
        sender = open_account(work, SENDER_COMPANY, "takasaki")
        recipient = open_account(work, RECIPIENT_COMPANY, "yoshino")
        colleague = open_user(work, recipient["company_id"], "mori")
    return Parties(sender, recipient, colleague)


def open_account(work: Work, company_name: str, login: str) -> dict[str, str]:
    company = identity.create_company(identity.SYSTEM, work, company_name)
    return {
        "company": company_name,
        "company_id": company.id,
        "account_id": open_user(work, company.id, login),
    }


def open_user(work: Work, company_id: str, login: str) -> str:
    new = NewAccount(login, ActorKind.USER, company_id, "工事部", f"{login} 担当", f"{login}@example.jp")
    return identity.create_account(identity.SYSTEM, work, new).account.id


@pytest.fixture
def happen(open_work: service.OpenWork, parties: Parties) -> Callable[..., None]:
    """Records and sequences an act on contract ``c1``."""

    def record(act: str, **detail: Any) -> None:
        facts = {
            "number": "260000018",
            "title": "外構工事",
            "sender": parties.sender,
            "recipients": [parties.recipient],
        }
        with open_work() as work:
            actor = Actor(ActorKind.USER, "u", name="somebody")
            work.journal.record(work.session, actor, Act(f"contract.{act}", "c1", (), {**facts, **detail}))
        with open_work() as work:
            journal.sequence(work.session)

    return record


def deliver(open_work: service.OpenWork, *notifiers: Notifier) -> service.Delivered:
    return service.deliver_pending(open_work, notifiers, LETTERHEAD)


@pytest.mark.parametrize(
    ("act", "detail", "to"),
    [
        ("consent_requested", {"consent_id": "k1"}, ["yoshino"]),
        ("sent", {}, ["yoshino"]),
        ("sent_back", {"reason": "金額の誤り"}, ["takasaki"]),
        ("recalled", {"reason": "差し替え"}, ["yoshino"]),
        ("returned", {}, ["takasaki"]),
        ("concluded", {}, ["takasaki", "yoshino"]),
        ("signed", {}, []),
        ("registered", {}, []),
    ],
)
def test_each_act_is_told_to_the_right_people(
    open_work: service.OpenWork, happen: Callable[..., None], act: str, detail: dict[str, str], to: Sequence[str]
) -> None:
    happen(act, **detail)
    told = Recording()
    assert deliver(open_work, told).delivered == len(to)
    assert sorted(message.to for message in told.sent) == [f"{name}@example.jp" for name in to]


@pytest.mark.parametrize("act", ["consent_given", "consent_refused", "consent_withdrawn"])
def test_an_answer_about_consent_goes_to_whoever_asked(open_work: service.OpenWork, parties: Parties, act: str) -> None:
    detail = {"consent_id": "k1", "partner": RECIPIENT_COMPANY, "asked_by": parties.sender["account_id"]}
    with open_work() as work:
        work.journal.record(work.session, Actor(ActorKind.USER, "u"), Act(f"contract.{act}", "k1", (), detail))
    with open_work() as work:
        journal.sequence(work.session)
    told = Recording()
    deliver(open_work, told)
    (message,) = told.sent
    assert message.to == "takasaki@example.jp"
    assert RECIPIENT_COMPANY in message.subject
    assert "http://localhost:8710/consents/k1" in message.body


def test_a_contract_that_names_no_account_is_told_to_all_users_of_the_company(
    open_work: service.OpenWork, happen: Callable[..., None], parties: Parties
) -> None:
    happen("sent", recipients=[{**parties.recipient, "account_id": None}])
    told = Recording()
    deliver(open_work, told)
    assert sorted(message.to for message in told.sent) == ["mori@example.jp", "yoshino@example.jp"]


def test_a_mail_says_what_happened_what_to_do_and_where(
    open_work: service.OpenWork, happen: Callable[..., None], tmp_path: Path
) -> None:
    happen("sent")
    with catching(tmp_path / "mails") as mailbox:
        smtp = Settings(host="127.0.0.1", port=mailbox.port, security="plain", sender="noreply@operator.invalid")
        assert deliver(open_work, SmtpNotifier(smtp)) == service.Delivered(1, 0, 0)
        (message,) = mailbox.messages()
    assert message.subject == "【CECTRUST】契約書が届きました（260000018 外構工事）"
    assert message.body.startswith("yoshino 担当 様\n\n髙﨑建設株式会社 から、契約書が届きました。\n")
    assert "電子署名して返送する" in message.body
    assert "\nhttp://localhost:8710/contracts/c1\n" in message.body
    assert message.body.endswith("このメールは送信専用です。ご返信いただいてもお答えできません。\n")


def test_T7_a_request_for_consent_tells_nothing_of_the_contract(
    open_work: service.OpenWork, happen: Callable[..., None]
) -> None:
    happen("consent_requested", consent_id="k1")
    told = Recording()
    deliver(open_work, told)
    (message,) = told.sent
    assert all(secret not in message.subject + message.body for secret in ("260000018", "外構工事", "c1"))


def test_words_of_people_cannot_forge_lines_headers_or_order(
    open_work: service.OpenWork, happen: Callable[..., None]
) -> None:
    hostile = "件名\r\nBcc: x@evil.example\n\nhttp://evil.example/\u202e\u2028\x1b[2J{{ 7*7 }}"
    happen("sent_back", title=hostile, reason=hostile)
    told = Recording()
    assert deliver(open_work, told).delivered == 1
    (message,) = told.sent
    assert not any(character in message.subject for character in "\r\n\u202e\u2028\x1b")
    assert "{{ 7*7 }}" in message.body
    assert not any(line.startswith(("Bcc", "http://evil")) for line in message.body.splitlines())


def test_nobody_is_told_twice(open_work: service.OpenWork, happen: Callable[..., None]) -> None:
    happen("sent")
    told = Recording()
    deliver(open_work, told)
    deliver(open_work, told)
    happen("returned")
    deliver(open_work, told)
    assert [message.to for message in told.sent] == ["yoshino@example.jp", "takasaki@example.jp"]
    assert len({message.message_id for message in told.sent}) == 2


def test_workers_that_run_at_once_tell_everybody_once(open_work: service.OpenWork, happen: Callable[..., None]) -> None:
    for _ in range(5):
        happen("concluded")
    told = Recording()
    assert together(4, lambda: deliver(open_work, told)) == []
    identities = [message.message_id for message in told.sent]
    assert len(identities) == len(set(identities)) == 10


def test_a_delivery_that_fails_is_tried_again_later_with_the_same_identity(
    open_work: service.OpenWork, happen: Callable[..., None], clock: ChosenClock
) -> None:
    happen("sent")
    told = Recording(raises=[Unavailable("mail_unavailable", "", ""), RuntimeError("a foreign bug")])
    assert deliver(open_work, told) == service.Delivered(0, 1, 0)
    assert deliver(open_work, told) == service.Delivered(0, 0, 0)
    clock.advance(seconds=FIRST_WAIT / 1_000_000)
    assert deliver(open_work, told) == service.Delivered(0, 1, 0)
    clock.advance(seconds=FIRST_WAIT / 1_000_000)
    assert deliver(open_work, told) == service.Delivered(0, 0, 0)
    clock.advance(seconds=FIRST_WAIT / 1_000_000)
    assert deliver(open_work, told) == service.Delivered(1, 0, 0)
    with open_work() as work:
        (act,) = journal_store.about(work.session, "c1")
    assert told.sent[0].message_id.startswith(f"{act.id}.")


class Killed(BaseException):
    """Stands for the process ending between sending and noting."""


def test_after_a_crash_the_repeat_carries_the_same_message_id(
    open_work: service.OpenWork, happen: Callable[..., None], clock: ChosenClock
) -> None:
    class Crashing(Recording):
        def send(self, message: Message) -> None:
            super().send(message)
            if len(self.sent) == 1:
                raise Killed

    happen("sent")
    told = Crashing()
    with pytest.raises(Killed):
        deliver(open_work, told)
    assert deliver(open_work, told) == service.Delivered(0, 0, 0)
    clock.advance(seconds=LEASE / 1_000_000)
    assert deliver(open_work, told) == service.Delivered(1, 0, 0)
    assert told.sent[0] == told.sent[1]


def test_refused_for_good_is_given_up_seen_and_recorded(
    open_work: service.OpenWork, happen: Callable[..., None]
) -> None:
    happen("sent")
    told = Recording(raises=[InputRefused("mail_refused", "", "")])
    assert deliver(open_work, told) == service.Delivered(0, 0, 1)
    with open_work() as work:
        assert service.standing(work)[DeliveryState.FAILED] == 1
        assert [one.failure for one in service.given_up(work)] == ["mail_refused"]
        assert "notification.failed" in [act.act for act in journal_store.about(work.session, "c1")]


def test_after_days_of_failures_it_is_given_up(
    open_work: service.OpenWork, happen: Callable[..., None], clock: ChosenClock
) -> None:
    happen("sent")
    told = Recording(raises=[Unavailable("mail_unavailable", "", "") for _ in range(ATTEMPTS)])
    ends = []
    for _ in range(ATTEMPTS + 1):
        ends.append(deliver(open_work, told))
        clock.advance(seconds=LONGEST_WAIT / 1_000_000)
    assert ends == [service.Delivered(0, 1, 0)] * (ATTEMPTS - 1) + [service.Delivered(0, 0, 1)] + [
        service.Delivered(0, 0, 0)
    ]
    assert told.sent == []


def test_one_notifier_that_fails_does_not_keep_the_other_waiting(
    open_work: service.OpenWork, happen: Callable[..., None]
) -> None:
    happen("sent")
    broken, good = Recording("broken", [Unavailable("down", "", "")]), Recording("good")
    assert deliver(open_work, broken, good) == service.Delivered(1, 1, 0)
    assert len(good.sent) == 1


def test_an_act_that_cannot_be_told_keeps_no_other_waiting(
    open_work: service.OpenWork, happen: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    happen("recalled")  # without the reason that its mail gives
    happen("sent")
    told = Recording()
    assert deliver(open_work, told).delivered == 1
    assert "contract.recalled" in caplog.text
