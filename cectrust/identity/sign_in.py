"""Signing in and out, passwords, and sessions that live on the server."""

from __future__ import annotations

import hashlib
import secrets

from cectrust.clock import jst
from cectrust.identity import passwords, store
from cectrust.identity.model import (
    ABSOLUTE,
    FORGET_FAILURES,
    SEEN_EVERY,
    Account,
    OpenSession,
    SignedIn,
    SignInRefused,
    check_new_password,
    session_runs,
    wait_after,
)
from cectrust.identity.permissions import Subject, require
from cectrust.sdk.errors import InputRefused
from cectrust.sdk.protocols import Act, Actor, Instant
from cectrust.work import Work


def sign_in(work: Work, login_id: str, password: str) -> SignedIn | SignInRefused:
    """Open a session. A wrong ID, a wrong password and a closed account get the same answer."""
    login, now = login_id.strip().casefold(), work.clock.now()
    count, last, locked_until = store.failures(work.session, _hash(login))
    if now < locked_until:
        return _wait(locked_until)
    found = store.account_by_login(work.session, login)
    right = passwords.matches(found[1] if found else None, password)
    if found and right and found[0].active:
        store.clear_failures(work.session, _hash(login))
        return _open(work, found[0])
    failures = count + 1 if now - last < FORGET_FAILURES else 1
    return _count_failure(work, login, failures, found[0] if found else None)


def sign_out(actor: Actor, work: Work, token: str) -> None:
    """End this session."""
    store.end_session(work.session, _hash(token), work.clock.now(), "signed_out")
    _record(work, actor, "account.signed_out")


def change_password(actor: Actor, work: Work, current: str, new: str) -> SignedIn:
    """Change one's own password: every session of the account ends, and a new one is opened for this person.

    Raises:
        InputRefused: the current password is wrong, or the new one is not acceptable.
    """
    require(actor, "account.password_changed", Subject(account_id=actor.id))
    account = store.accounts_of(work.session, [actor.id])[0]
    if not passwords.matches(store.password_hash_of(work.session, actor.id), current):
        raise InputRefused(
            "password_wrong", "現在のパスワードが違います。", "The current password is wrong.", field="current_password"
        )
    if current == new:
        raise InputRefused(
            "password_same", "現在と異なるパスワードにしてください。", "Choose a new password.", field="new_password"
        )
    check_new_password(new, account.login_id)
    store.set_password(work.session, actor.id, passwords.hashed(new), must_change=False)
    store.end_sessions_of(work.session, actor.id, work.clock.now(), "password_changed")
    _record(work, actor, "account.password_changed")
    return _open(work, store.accounts_of(work.session, [actor.id])[0])


def account_of_session(work: Work, token: str) -> OpenSession | None:
    """The account behind a cookie, if the session still runs and the account is active."""
    token_hash = _hash(token)
    found = store.open_session(work.session, token_hash)
    now = work.clock.now()
    if found is None or not session_runs(found[1], found[2], now):
        return None
    account = next(iter(store.accounts_of(work.session, [found[0]])), None)
    if account is None or not account.active:
        return None
    return OpenSession(account, token_hash, stale=now - found[2] >= SEEN_EVERY)


def seen(work: Work, session: OpenSession) -> None:
    """Note that the session was used."""
    store.touch_session(work.session, session.token_hash, work.clock.now())


def forget_old(work: Work) -> None:
    """Delete counters of failures and sessions that no longer mean anything; run now and then."""
    now = work.clock.now()
    store.forget(work.session, Instant(now - FORGET_FAILURES), Instant(now - 2 * ABSOLUTE))


def _open(work: Work, account: Account) -> SignedIn:
    token = secrets.token_urlsafe(32)
    store.insert_session(work.session, _hash(token), account.id, work.clock.now())
    _record(work, account.actor, "account.signed_in")
    return SignedIn(account, token)


def _count_failure(work: Work, login: str, failures: int, account: Account | None) -> SignInRefused:
    now = work.clock.now()
    locked_until = Instant(now + wait_after(failures))
    store.set_failures(work.session, _hash(login), failures, now, locked_until)
    if account:
        _record(work, account.actor, "account.sign_in_refused")
    if locked_until > now:
        return _wait(locked_until)
    return SignInRefused(
        "sign_in_wrong",
        "ID またはパスワードが違います。大文字と小文字も確かめて、もう一度入力してください。",
        "Login ID or password is wrong. Check upper and lower case and try again.",
    )


def _wait(until: Instant) -> SignInRefused:
    moment = jst(until)
    return SignInRefused(
        "sign_in_waits",
        f"続けて誤りがあったため、{moment:%H:%M:%S} までログインできません。その後にもう一度お試しください。",
        f"Too many wrong attempts. Wait until {moment:%H:%M:%S} (Japan time).",
        until,
    )


def _record(work: Work, actor: Actor, act: str) -> None:
    companies = (actor.company_id,) if actor.company_id else ()
    work.journal.record(work.session, actor, Act(act, actor.id, companies))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
