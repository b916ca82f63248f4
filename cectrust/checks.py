"""What ``cectrust doctor`` asks, room by room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from cectrust.archive.audit import Audit
from cectrust.certificates.service import trust_of
from cectrust.contracts import audit as contracts
from cectrust.database.migrations import differences, require_current
from cectrust.doctor import Check, Finding, Trouble
from cectrust.journal import service as journal
from cectrust.keys.keyring import Keyring
from cectrust.notifications import service as notifications
from cectrust.pades.tokens import TokenVerifier
from cectrust.platform import Platform
from cectrust.rooms import schema
from cectrust.sdk.errors import Unavailable
from cectrust.signing import audit as signing
from cectrust.tlog import NoteVerifier
from cectrust.workflows import failures, is_started, waiting

LONG_SECONDS = 3600
_FAILED = (
    "自動処理が失敗したままです。原因を直して「cectrust work retry ID」を実行してください。"
    "直せない署名は「cectrust work give-back ID --reason 理由」で戻します。"
)
_WAITS = (
    "自動処理が 1 時間以上、相手先などを待っています。ログの step.waits で原因を確かめてください。"
    "直れば自動で続きます。"
)


def checks() -> list[Check]:
    """In the order in which a person should read them."""
    return [
        Check("schema", _schema),
        Check("keys", _keys),
        Check("workflows", _workflows),
        Check("notifications", _notifications),
        Check("journal", _journal, deep=True),
        Check("archive", _archive, deep=True),
        Check("contracts", _contracts, deep=True),
        Check("signatures", _signatures, deep=True),
    ]


def log_verifier(platform: Platform) -> NoteVerifier:
    """The log's public key: from the keys role, or from its files when it is not running."""
    origin = platform.settings.log_origin
    try:
        return NoteVerifier(origin, platform.keys.public_keys().log_public_key)
    except Unavailable:
        keyring = Keyring(platform.settings.keys_directory, platform.settings.server.base_url)
        return NoteVerifier(origin, keyring.log_key.public_key().public_bytes_raw())


def _schema(platform: Platform) -> Iterator[Finding]:
    wanted = schema(platform.plugins)
    require_current(platform.database, wanted)
    for difference in differences(platform.database, wanted):
        yield Trouble("schema_differs", "データベースの表が、このプログラムと一致しません。", difference)


def _keys(platform: Platform) -> Iterable[Finding]:
    log_verifier(platform)
    return ()


def _workflows(platform: Platform) -> Iterator[Finding]:
    for failed in failures(platform.database):
        yield Trouble("workflow_failed", _FAILED, f"{failed.workflow} {failed.id}")
    for waits in waiting(platform.database, LONG_SECONDS):
        yield Trouble("workflow_waits", _WAITS, f"{waits.workflow} {waits.id}")


def _notifications(platform: Platform) -> Iterator[Finding]:
    with platform.reading() as work:
        for letter in notifications.given_up(work):
            yield Trouble("notification_given_up", "送れなかった通知があります。", letter.id)


def _journal(platform: Platform) -> Iterable[Finding]:
    with platform.reading() as work:
        journal.verify(work.session)
    return ()


def _archive(platform: Platform) -> Iterable[Finding]:
    verify_timestamp = TokenVerifier(platform.tsa_anchors) if platform.tsa_anchors else None
    with platform.reading() as work:
        return Audit(work.session, platform.blobs, log_verifier(platform), verify_timestamp).run().findings


def _contracts(platform: Platform) -> Iterator[Finding]:
    with platform.reading() as work:
        yield from contracts.audit(work.session, work.blobs)


def _signatures(platform: Platform) -> Iterator[Finding]:
    trust = trust_of(platform.providers, platform.tsa_anchors)
    with platform.reading() as work:
        yield from signing.audit(work, trust, partial(is_started, platform.database))
