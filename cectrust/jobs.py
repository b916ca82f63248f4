"""What the worker does besides workflows: the rooms' own jobs and the plugins'."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cectrust.archive.sequencer import Sequencer
from cectrust.authentication import service as authentication
from cectrust.identity import sign_in
from cectrust.journal import service as journal
from cectrust.notifications import service as notifications
from cectrust.notifications.model import Letterhead
from cectrust.pades.tokens import TokenVerifier
from cectrust.platform import Platform
from cectrust.sdk.protocols import Job, Timestamper
from cectrust.settings import Settings
from cectrust.signing.working import Sweep

SECOND, HOUR = 1, 3600


def jobs(platform: Platform) -> dict[str, Job]:
    """All of them by name. Without a timestamper the log stands still, because its heads must be dated."""
    own = [
        Job("journal", SECOND, partial(_sequence_journal, platform)),
        Job("notifications", SECOND, partial(_notify, platform)),
        Job("sessions", HOUR, partial(_forget_sessions, platform)),
        Job("working_copies", HOUR, _discarding(partial(Sweep().run, platform))),
    ]
    if platform.timestamper is not None:
        own.append(Job("log", SECOND, _discarding(_sequencer(platform, platform.timestamper).run)))
    return {job.name: job for job in own} | platform.jobs


def letterhead(settings: Settings) -> Letterhead:
    """What every mail says about the service."""
    desk = settings.operator.help_desk
    return Letterhead(settings.server.base_url, settings.operator.name, desk.name, desk.mail)


def _sequencer(platform: Platform, timestamper: Timestamper) -> Sequencer:
    return Sequencer(
        database=platform.database,
        clock=platform.clock,
        blobs=platform.blobs,
        signer=platform.keys,
        timestamper=timestamper,
        origin=platform.settings.log_origin,
        accredited=platform.settings.timestamping.accredited,
        verify_timestamp=TokenVerifier(platform.tsa_anchors) if platform.tsa_anchors else None,
    )


def _sequence_journal(platform: Platform) -> None:
    with platform.work() as work:
        journal.sequence(work.session)


def _notify(platform: Platform) -> None:
    notifications.deliver_pending(platform.work, platform.notifiers, letterhead(platform.settings))


def _forget_sessions(platform: Platform) -> None:
    with platform.work() as work:
        sign_in.forget_old(work)
        authentication.forget_old(work)


def _discarding(run: Callable[[], object]) -> Callable[[], None]:
    def job() -> None:
        run()

    return job
