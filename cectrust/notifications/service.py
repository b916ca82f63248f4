"""From the journal to people's mail boxes.

Delivered at least once, and at most once for whoever drops repeats of a Message-ID: a row exists once per act,
recipient and notifier; a worker reserves it before it sends; only a crash between sending and noting repeats it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from jinja2 import TemplateError

from cectrust.clock import new_id
from cectrust.identity import service as identity
from cectrust.identity.model import Mailbox
from cectrust.journal import service as journal
from cectrust.journal.model import RecordedAct
from cectrust.notifications import store
from cectrust.notifications.letters import compose
from cectrust.notifications.model import (
    ATTEMPTS,
    LEASE,
    RULES,
    Audience,
    DeliveryState,
    Desk,
    Letterhead,
    Notification,
    addressed,
    next_due,
)
from cectrust.sdk.errors import CectrustError, InputRefused
from cectrust.sdk.protocols import Act, Actor, ActorKind, Instant, Message, Notifier
from cectrust.work import Work

READER = "notifications"
ACTS, BATCH = 200, 20
SYSTEM = Actor(ActorKind.SYSTEM, READER, name="通知")

OpenWork = Callable[[], AbstractContextManager[Work]]
"""``Platform.work``: one writing transaction."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivered:
    """What one run did."""

    delivered: int
    postponed: int
    failed: int


def deliver_pending(open_work: OpenWork, notifiers: Sequence[Notifier], letterhead: Letterhead) -> Delivered:
    """Turn new acts into notifications and try every one that is due, once. Sends outside any transaction."""
    with open_work() as work:
        collect(work, [notifier.name for notifier in notifiers], letterhead)
    by_name, ends = {notifier.name: notifier for notifier in notifiers}, []
    while batch := _take(open_work):
        ends += [_deliver(open_work, by_name, notification) for notification in batch]
    return Delivered(
        ends.count(DeliveryState.DELIVERED), ends.count(DeliveryState.PENDING), ends.count(DeliveryState.FAILED)
    )


def collect(work: Work, notifiers: Sequence[str], letterhead: Letterhead) -> int:
    """Write the notifications of the next acts of the journal; returns how many. The caller's transaction."""
    store.lock_collector(work.session)
    read = journal.unread(work.session, READER, ACTS)
    written = sum(_notify(work, act, notifiers, letterhead) for _, act in read)
    if read:
        journal.mark_read(work.session, READER, read[-1][0])
    return written


def standing(work: Work) -> Mapping[DeliveryState, int]:
    """How many notifications are pending, delivered and given up; for ``cectrust doctor`` and metrics."""
    return store.counts(work.session)


def given_up(work: Work, limit: int = 100) -> list[Notification]:
    """The newest ones that a person has to look at."""
    return store.failed(work.session, limit)


def _notify(work: Work, act: RecordedAct, notifiers: Sequence[str], letterhead: Letterhead) -> int:
    written = [(name, box, told) for box, told in _told(work, act, letterhead) for name in notifiers]
    for name, box, told in written:
        new = Notification(
            id=new_id(work.clock),
            act_id=act.id,
            subject_id=act.subject,
            notifier=name,
            account_id=box.account_id,
            message=told,
            state=DeliveryState.PENDING,
            attempts=0,
            due_at=work.clock.now(),
            failure="",
        )
        store.insert_notification(work.session, new, work.clock.now())
    return len(written)


def _told(work: Work, act: RecordedAct, letterhead: Letterhead) -> list[tuple[Mailbox, Message]]:
    """Who is told what. An act that cannot be told is an alarm and must not keep the acts after it waiting."""
    rule = RULES.get(act.act)
    if rule is None:
        return []
    try:
        desks = addressed(act, rule.audience)
        boxes = {box.account_id: box for desk in desks for box in _mailboxes(work, desk, rule.audience)}
        return [(box, compose(rule, act, box, letterhead)) for box in boxes.values()]
    except (KeyError, TypeError, TemplateError):
        log.exception("nobody can be told of act %s (%s)", act.id, act.act)
        return []


def _mailboxes(work: Work, desk: Desk, audience: Audience) -> list[Mailbox]:
    """What was done to an ID its person hears, too, if the ID is closed by now."""
    if desk.account_id is not None:
        return identity.mail_addresses(work, [desk.account_id], closed=audience is Audience.ACCOUNT)
    return identity.mail_addresses(work, [account.id for account in identity.users_of(work, desk.company_id)])


def _take(open_work: OpenWork) -> list[Notification]:
    with open_work() as work:
        now = work.clock.now()
        found = store.due(work.session, now, BATCH)
        return [one for one in found if store.take(work.session, one, Instant(now + LEASE))]


def _deliver(open_work: OpenWork, notifiers: Mapping[str, Notifier], taken: Notification) -> DeliveryState:
    state, failure = _try(notifiers, taken)
    if state is DeliveryState.PENDING and taken.attempts + 1 >= ATTEMPTS:
        state = DeliveryState.FAILED
    with open_work() as work:
        _settle(work, taken, state, failure)
    return state


def _try(notifiers: Mapping[str, Notifier], taken: Notification) -> tuple[DeliveryState, str]:
    """Each notifier alone: whatever one raises delays only its own message."""
    notifier = notifiers.get(taken.notifier)
    if notifier is None:
        return DeliveryState.PENDING, "notifier_absent"
    try:
        notifier.send(taken.message)
    except InputRefused as refused:
        return DeliveryState.FAILED, refused.code
    except CectrustError as error:
        return DeliveryState.PENDING, error.code
    except Exception as error:
        log.exception("notifier %s raised what it must not", taken.notifier)
        return DeliveryState.PENDING, type(error).__name__
    return DeliveryState.DELIVERED, ""


def _settle(work: Work, taken: Notification, state: DeliveryState, failure: str) -> None:
    now = work.clock.now()
    if state is DeliveryState.PENDING:
        store.postpone(work.session, taken.id, next_due(now, taken.attempts + 1), failure)
        return
    store.end(work.session, taken.id, state, now, failure)
    if state is DeliveryState.FAILED:
        detail = {"account_id": taken.account_id, "notifier": taken.notifier, "failure": failure}
        work.journal.record(work.session, SYSTEM, Act("notification.failed", taken.subject_id, (), detail))
