"""Sessions that live on the server: opened, renewed under another id, ended.

The cookie's token is stored only as its digest; ``Actor.session`` is that digest.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace

from cectrust.identity import session_store, store
from cectrust.identity.model import ABSOLUTE, SEEN_EVERY, Account, OpenSession, SessionTimes, SignedIn, session_runs
from cectrust.sdk.errors import NotSignedIn
from cectrust.sdk.protocols import Act, Actor, Instant
from cectrust.work import Work


def digest(token: str) -> str:
    """What is stored of a token, and by what services name the session."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(work: Work, account: Account, *, half_open: bool = False) -> SignedIn:
    """A new session; a half-open one is good for nothing but the second factor."""
    now = work.clock.now()
    token = _insert(work, account, SessionTimes(now, now, None if half_open else now))
    record(work, account.actor, "account.second_factor_asked" if half_open else "account.signed_in")
    return SignedIn(account, token, half_open)


def complete(actor: Actor, work: Work, method: str) -> SignedIn:
    """The second factor was given: the half-open session ends and another one, fully open, begins.

    Raises:
        NotSignedIn: the session ended meanwhile, or was never half-open.
    """
    times = _running(work, actor)
    if times.opened_at is not None:
        raise _ended()
    now = work.clock.now()
    _end(work, actor, "second_factor_given")
    account = store.accounts_of(work.session, [actor.id])[0]
    token = _insert(work, account, SessionTimes(now, now, now))
    record(work, account.actor, "account.signed_in", {"second_factor": method})
    return SignedIn(account, token)


def renew(actor: Actor, work: Work) -> SignedIn:
    """The same session under a new id, with its absolute limit and its confirmations.

    Raises:
        NotSignedIn: the session ended meanwhile, or its second factor is still to come.
    """
    times = _running(work, actor)
    if times.opened_at is None:
        raise _ended()
    _end(work, actor, "renewed")
    account = store.accounts_of(work.session, [actor.id])[0]
    token = _insert(work, account, replace(times, seen_at=work.clock.now()))
    session_store.move_confirmations(work.session, actor.session, digest(token))
    return SignedIn(account, token)


def replace_all(work: Work, account_id: str, reason: str) -> SignedIn:
    """The account's credentials changed: every session of it ends, and this person gets a new one."""
    session_store.end_sessions_of(work.session, account_id, work.clock.now(), reason)
    return start(work, store.accounts_of(work.session, [account_id])[0])


def end(actor: Actor, work: Work, token: str) -> None:
    """Sign out."""
    session_store.end_session(work.session, digest(token), work.clock.now(), "signed_out")
    record(work, actor, "account.signed_out")


def account_of_session(work: Work, token: str) -> OpenSession | None:
    """The account behind a cookie, if the session still runs and the account is active."""
    token_hash, now = digest(token), work.clock.now()
    found = session_store.open_session(work.session, token_hash)
    if found is None or not session_runs(found[1], now):
        return None
    account = next(iter(store.accounts_of(work.session, [found[0]])), None)
    if account is None or not account.active:
        return None
    times = found[1]
    return OpenSession(account, token_hash, now - times.seen_at >= SEEN_EVERY, times.opened_at is None)


def seen(work: Work, session: OpenSession) -> None:
    """Note that the session was used."""
    session_store.touch_session(work.session, session.token_hash, work.clock.now())


def forget_old(work: Work) -> None:
    """Delete sessions that no longer mean anything."""
    session_store.forget_sessions(work.session, Instant(work.clock.now() - 2 * ABSOLUTE))


def record(work: Work, actor: Actor, act: str, detail: Mapping[str, str] | None = None) -> None:
    """Into the journal, about one's own account."""
    companies = (actor.company_id,) if actor.company_id else ()
    work.journal.record(work.session, actor, Act(act, actor.id, companies, detail or {}))


def _insert(work: Work, account: Account, times: SessionTimes) -> str:
    token = secrets.token_urlsafe(32)
    session_store.insert_session(work.session, digest(token), account.id, times)
    return token


def _running(work: Work, actor: Actor) -> SessionTimes:
    found = session_store.open_session(work.session, actor.session)
    if found is None or found[0] != actor.id or not session_runs(found[1], work.clock.now()):
        raise _ended()
    return found[1]


def _end(work: Work, actor: Actor, reason: str) -> None:
    """Two requests that follow the same session: one of them goes on."""
    if not session_store.end_session(work.session, actor.session, work.clock.now(), reason):
        raise _ended()


def _ended() -> NotSignedIn:
    return NotSignedIn(
        "not_signed_in",
        "ログインしていないか、しばらく操作がなかったため、接続が終了しました。もう一度ログインしてください。",
        "You are not signed in, or your session has ended. Sign in again.",
    )
