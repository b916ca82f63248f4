"""What a view needs of the current request: who acts, the unit of work, and forms that may be refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self, cast

import flask
from flask_login import current_user

from cectrust.platform import Platform
from cectrust.sdk.errors import CectrustError, InputRefused, NotSignedIn
from cectrust.sdk.protocols import Actor
from cectrust.work import Work

if TYPE_CHECKING:
    from types import TracebackType

    from cectrust.identity.model import Account
    from cectrust.web.application import Application

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def platform() -> Platform:
    return cast("Application", flask.current_app).platform


def work() -> Work:
    """This request's unit of work, opened at its first use: reading for GET, writing for everything else.

    Who is signed in is asked before: to note that his session is used may be a writing transaction of its own, which
    would wait for this one.
    """
    if "work" not in flask.g:
        current_user._get_current_object()
        opened = platform().reading() if flask.request.method in READING else platform().work()
        flask.g.work = flask.g.transaction.enter_context(opened)
    return cast(Work, flask.g.work)


def account() -> Account:
    """Who is signed in. Raises ``NotSignedIn``."""
    if not current_user.is_authenticated:
        raise NotSignedIn("not_signed_in", "ログインしてください。", "Sign in, please.")
    return cast("Account", current_user.account)


def actor() -> Actor:
    """Who acts, in which session."""
    return _in_session(account())


def person() -> Actor:
    """The same, also before the second factor was given: only for views that take it. Raises ``NotSignedIn``."""
    if getattr(current_user, "half_open", False):
        return _in_session(current_user.account)
    return actor()


def _in_session(found: Account) -> Actor:
    return replace(found.actor, session=current_user.session)


def half_open() -> bool:
    """Whether the second factor is still to come."""
    return bool(getattr(current_user, "half_open", False))


class Shown:
    """Runs a service call that has its own transactions, and whose refusal is shown beside the form.

    ``with Shown(InputRefused) as attempt: …`` and then ``attempt.refusal`` is the error or ``None``.
    """

    def __init__(self, *shown: type[CectrustError]) -> None:
        self.shown = shown or (InputRefused,)
        self.refusal: CectrustError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _where: TracebackType | None
    ) -> bool:
        if isinstance(error, CectrustError) and isinstance(error, self.shown):
            self.refusal = error
            return True
        return False


class Attempt(Shown):
    """The same for service calls in the request's transaction: what they wrote before a refusal is undone."""

    def __enter__(self) -> Self:
        self._savepoint = work().session.begin_nested()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> bool:
        if error is None:
            self._savepoint.commit()
        else:
            self._savepoint.rollback()
        return super().__exit__(kind, error, where)
