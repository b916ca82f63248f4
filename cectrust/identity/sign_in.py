"""Signing in and out, and passwords. What is guessed too often waits."""

from __future__ import annotations

from cectrust.clock import jst
from cectrust.identity import passwords, sessions, store
from cectrust.identity.model import (
    FORGET_FAILURES,
    Account,
    SignedIn,
    SignInRefused,
    check_new_password,
    wait_after,
)
from cectrust.identity.permissions import Subject, require
from cectrust.identity.step_up import require_step_up
from cectrust.sdk.errors import InputRefused
from cectrust.sdk.protocols import Actor, ActorKind, Instant
from cectrust.work import Work

WRONG = SignInRefused(
    "sign_in_wrong",
    "ID またはパスワードが違います。大文字と小文字も確かめて、もう一度入力してください。",
    "Login ID or password is wrong. Check upper and lower case and try again.",
)
_PASSWORD_WRONG = SignInRefused("password_wrong", "パスワードが違います。", "The password is wrong.")
_CURRENT_WRONG = SignInRefused(
    "current_password_wrong",
    "現在のパスワードが違います。",
    "The current password is wrong.",
    field="current_password",
)


def sign_in(
    work: Work, login_id: str, password: str, factors: frozenset[ActorKind] = frozenset()
) -> SignedIn | SignInRefused:
    """Open a session. A wrong ID, a wrong password and a closed account get the same answer.

    It is half-open where the account, or everybody of its kind (``factors``), needs a second factor.
    """
    login = login_id.strip().casefold()
    waits = waiting(work, login)
    if waits:
        return waits
    found = store.account_by_login(work.session, login)
    right = passwords.matches(found[1] if found else None, password)
    if found and right and found[0].active:
        store.clear_failures(work.session, sessions.digest(login))
        return sessions.start(work, found[0], half_open=found[0].is_protected(factors))
    return count_failure(work, login, found[0] if found else None, WRONG)


def check_password(
    work: Work, account: Account, password: str, wrong: SignInRefused = _PASSWORD_WRONG
) -> SignInRefused | None:
    """Whether this is the account's password; tries count as at the log-in. ``None``: it is."""
    waits = waiting(work, account.login_id)
    if waits:
        return waits
    if passwords.matches(store.password_hash_of(work.session, account.id), password):
        store.clear_failures(work.session, sessions.digest(account.login_id))
        return None
    return count_failure(work, account.login_id, account, wrong)


def change_password(
    actor: Actor, work: Work, current: str, new: str, factors: frozenset[ActorKind] = frozenset()
) -> SignedIn | SignInRefused:
    """Change one's own password: every session of the account ends, and a new one is opened for this person.

    The current password is proof enough, unless the account has a second factor. A wrong one counts as at the
    log-in: who took over a session must not guess it here.

    Raises:
        InputRefused: the new password is not acceptable.
        StepUpNeeded: not confirmed with the second factor.
    """
    require(actor, "account.password_changed", Subject(account_id=actor.id))
    account = store.accounts_of(work.session, [actor.id])[0]
    if account.is_protected(factors) and not account.must_change_password:
        require_step_up(actor, work, "account.password_changed")
    refused = check_password(work, account, current, _CURRENT_WRONG)
    if refused:
        return refused
    if current == new:
        raise InputRefused(
            "password_same", "現在と異なるパスワードにしてください。", "Choose a new password.", field="new_password"
        )
    check_new_password(new, account.login_id)
    store.set_password(work.session, actor.id, passwords.hashed(new), must_change=False)
    sessions.record(work, actor, "account.password_changed")
    return sessions.replace_all(work, actor.id, "password_changed")


def forget_old(work: Work) -> None:
    """Delete counters of failures and sessions that no longer mean anything; run now and then."""
    store.forget_failures(work.session, Instant(work.clock.now() - FORGET_FAILURES))
    sessions.forget_old(work)


def waiting(work: Work, name: str) -> SignInRefused | None:
    """Whether tries under this name have to wait, after too many that failed.

    Tries at the same time take turns from here to the end of their transactions, so that each is counted before
    the next is judged.
    """
    now = work.clock.now()
    locked_until = store.hold_failures(work.session, sessions.digest(name), now)
    return _wait(locked_until) if now < locked_until else None


def count_failure(work: Work, name: str, account: Account | None, wrong: SignInRefused) -> SignInRefused:
    """One more try under this name failed; the answer is ``wrong``, or that the next has to wait."""
    now = work.clock.now()
    failures = store.add_failure(work.session, sessions.digest(name), now, Instant(now - FORGET_FAILURES))
    locked_until = Instant(now + wait_after(failures))
    store.lock_until(work.session, sessions.digest(name), locked_until)
    if account:
        sessions.record(work, account.actor, "account.sign_in_refused")
    return _wait(locked_until) if locked_until > now else wrong


def clear_failures(work: Work, name: str) -> None:
    """The right answer was given under this name."""
    store.clear_failures(work.session, sessions.digest(name))


def _wait(until: Instant) -> SignInRefused:
    moment = jst(until)
    return SignInRefused(
        "sign_in_waits",
        f"続けて誤りがあったため、{moment:%H:%M:%S} までログインできません。その後にもう一度お試しください。",
        f"Too many wrong attempts. Wait until {moment:%H:%M:%S} (Japan time).",
        until,
    )
