"""Whoever's ID is given or loses a key is told by mail; he alone, whoever did it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cectrust.authentication import second_factor
from cectrust.builtin.smtp import Settings, SmtpNotifier
from cectrust.certificates import service as certificates
from cectrust.certificates.tables import bindings
from cectrust.database import Database
from cectrust.identity import service as identity
from cectrust.identity import sessions, sign_in
from cectrust.identity.model import NewAccount, OpenedAccount, SignedIn
from cectrust.identity.service import SYSTEM
from cectrust.journal import service as journal
from cectrust.notifications import service
from cectrust.notifications.model import RULES, Audience
from cectrust.sdk.protocols import Act, ActorKind, Message
from cectrust.signing import bridges
from cectrust.work import Work
from tests.conftest import ChosenClock
from tests.notifications.test_service import LETTERHEAD
from tests.support.mail import catching
from tests.support.proof import confirmed
from tests.support.works import work_on

NONE = frozenset[ActorKind]()
NEW = "あたらしい合い言葉 2026 冬"
DIGEST = "d" * 64
Doing = Callable[[Work, OpenedAccount], object]


def switch_on(work: Work, opened: OpenedAccount) -> list[str]:
    actor = confirmed(work, opened.account.actor, "account.second_factor_on")
    return second_factor.switch_on(actor, work)[1]


def switch_off(work: Work, opened: OpenedAccount) -> None:
    second_factor.switch_off(confirmed(work, opened.account.actor, "account.second_factor_off"), work, NONE)


def make_codes(work: Work, opened: OpenedAccount) -> None:
    second_factor.make_codes(confirmed(work, opened.account.actor, "account.recovery_codes_made"), work)


def use_code(work: Work, opened: OpenedAccount) -> None:
    codes = second_factor.issue_codes(SYSTEM, work, opened.account.login_id)
    half = sessions.start(work, opened.account, half_open=True)
    actor = replace(opened.account.actor, session=sessions.digest(half.token))
    assert isinstance(second_factor.recover(actor, work, codes[0]), SignedIn)


def register(work: Work, opened: OpenedAccount) -> None:
    bridges.register(SYSTEM, work, opened.account.login_id, "b" * 43, {})


def change_password(work: Work, opened: OpenedAccount) -> None:
    changed = sign_in.change_password(opened.account.actor, work, opened.initial_password, NEW)
    assert isinstance(changed, SignedIn)


def unbind(work: Work, opened: OpenedAccount) -> None:
    digests = dict.fromkeys(("issuer_sha256", "key_sha256", "certificate_sha256"), DIGEST)
    times = dict.fromkeys(("not_before", "not_after", "bound_at"), work.clock.now())
    facts = {"kind": "k", "serial": "1", "certificate": b"", "holder": "髙﨑\n𠮷乃", **digests, **times}
    work.session.execute(bindings.insert().values(id="c" * 32, account_id=opened.account.id, **facts))
    certificates.unbind(SYSTEM, work, opened.account.login_id, DIGEST, "紛失の届け出")


def close(work: Work, opened: OpenedAccount) -> None:
    identity.deactivate(SYSTEM, work, opened.account.login_id)


def reopen(work: Work, opened: OpenedAccount) -> None:
    close(work, opened)
    identity.activate(SYSTEM, work, opened.account.login_id)


ACTS: dict[str, tuple[Doing, list[str]]] = {
    "registered": (register, ["署名に使うパソコンが登録されました"]),
    "on": (switch_on, ["電子証明書によるログインが有効になりました"]),
    "off": (switch_off, ["電子証明書によるログインが無効になりました"]),
    "reset": (
        lambda work, opened: second_factor.reset(SYSTEM, work, opened.account.login_id),
        ["運営者が電子証明書によるログインを無効にしました"],
    ),
    "codes": (make_codes, ["復旧コードが作り直されました"]),
    "code": (use_code, ["復旧コードが作り直されました", "復旧コードが使われました"]),
    "password": (change_password, ["パスワードが変更されました"]),
    "new password": (
        lambda work, opened: identity.reset_password(SYSTEM, work, opened.account.login_id),
        ["運営者がパスワードを作り直しました"],
    ),
    "closed": (close, ["運営者が ID の利用を停止しました"]),
    "opened": (reopen, ["運営者が ID の利用を停止しました", "運営者が ID の利用を再開しました"]),
    "certificate": (unbind, ["電子証明書の登録が解除されました"]),
}


@pytest.fixture
def opened(database: Database, clock: ChosenClock) -> OpenedAccount:
    """A user, with a colleague in his department and the company ID beside him."""
    with work_on(database, clock) as work:
        company = identity.create_company(SYSTEM, work, "髙﨑建設株式会社")
        made = [
            identity.create_account(SYSTEM, work, NewAccount(login, kind, company.id, "工事部", f"{login} 担当", mail))
            for login, kind, mail in (
                ("yoshino", ActorKind.USER, "yoshino@example.jp"),
                ("mori", ActorKind.USER, "mori@example.jp"),
                ("company", ActorKind.COMPANY, "company@example.jp"),
            )
        ]
    return made[0]


@pytest.fixture
def told(
    database: Database, clock: ChosenClock, opened: OpenedAccount, tmp_path: Path
) -> Callable[[Doing], list[Message]]:
    """The mails that arrive after an act, caught by a real server."""

    def after(act: Doing) -> list[Message]:
        with work_on(database, clock) as work:
            act(work, opened)
        with work_on(database, clock) as work:
            journal.sequence(work.session)
        with catching(tmp_path / "mails") as mailbox:
            smtp = Settings(host="127.0.0.1", port=mailbox.port, security="plain", sender="noreply@operator.invalid")
            service.deliver_pending(lambda: work_on(database, clock), [SmtpNotifier(smtp)], LETTERHEAD)
            return mailbox.messages()

    return after


@pytest.mark.parametrize("name", ACTS)
def test_the_person_and_nobody_else_is_told(told: Callable[[Doing], list[Message]], name: str) -> None:
    act, subjects = ACTS[name]
    messages = told(act)
    assert sorted(message.subject for message in messages) == [f"【CECTRUST】{subject}" for subject in subjects]
    assert {message.to for message in messages} == {"yoshino@example.jp"}
    for message in messages:
        assert message.body.startswith("yoshino 担当 様\n\n")
        assert "日時: 2026-11-23 12:00（日本時間）" in message.body
        assert "お心当たりのない場合は、だれかがあなたの ID を使っているおそれがあります。" in message.body
        assert "If this was not you, tell the help desk at once." in message.body


def test_a_removed_certificate_is_named_with_the_reason_in_single_lines(told: Callable[[Doing], list[Message]]) -> None:
    (message,) = told(unbind)
    assert "\n  名義: 髙﨑 𠮷乃\n  理由: 紛失の届け出\n" in message.body
    assert "\nhttp://localhost:8710/account/second-factor\n" in message.body


def test_a_paired_computer_is_called_by_its_name(told: Callable[[Doing], list[Message]]) -> None:
    def act(work: Work, opened: OpenedAccount) -> None:
        detail = {"bridge_id": "b" * 43, "name": "現場事務所の\nパソコン", "code": "1", "registration": "2"}
        work.journal.record(work.session, opened.account.actor, Act("bridge.paired", opened.account.id, (), detail))

    (message,) = told(act)
    assert "登録されました。\n\n  パソコン: 現場事務所の パソコン\n\n  日時: " in message.body
    assert "\nhttp://localhost:8710/bridges\n" in message.body


def test_a_mail_holds_no_secret(told: Callable[[Doing], list[Message]], opened: OpenedAccount) -> None:
    made: list[str] = []

    def act(work: Work, account: OpenedAccount) -> None:
        made.extend(switch_on(work, account))
        made.append(identity.reset_password(SYSTEM, work, account.account.login_id).initial_password)

    written = "".join(message.subject + message.body for message in told(act))
    assert len(made) == second_factor.CODES + 1
    assert [secret for secret in made if secret in written] == []


def test_every_act_that_a_person_is_told_of_has_its_mail_here() -> None:
    """``bridge.paired`` and ``account.recovery_codes_issued`` share the mail of an act that is tried."""
    own = {rule.template for rule in RULES.values() if rule.audience is Audience.ACCOUNT}
    assert len(own) == len({subject for _, subjects in ACTS.values() for subject in subjects}) == 11
