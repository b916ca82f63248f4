"""The one composition: settings to everything that web processes, worker and commands work with."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from cectrust.blobs.service import Blobs
from cectrust.clock import SystemClock
from cectrust.database import Database, open_database
from cectrust.journal.service import DatabaseJournal
from cectrust.keys.client import KeysClient
from cectrust.plugins import Plugins, Registered, choose, load_plugins, register
from cectrust.sdk.errors import Forbidden, Misconfigured
from cectrust.sdk.protocols import (
    CertificateProvider,
    Clock,
    HttpAnswer,
    Job,
    Notifier,
    OutboundHttp,
    Page,
    PluginContext,
    Timestamper,
)
from cectrust.settings import Settings
from cectrust.work import Enqueue, Work
from cectrust.workflows.queue import WorkflowQueue


@dataclass(frozen=True)
class Platform:
    """What one process has, opened once."""

    settings: Settings
    database: Database
    clock: Clock
    journal: DatabaseJournal
    blobs: Blobs
    http: OutboundHttp
    keys: KeysClient
    enqueue: Enqueue
    providers: tuple[CertificateProvider, ...]
    notifiers: tuple[Notifier, ...]
    timestamper: Timestamper | None
    pages: tuple[tuple[str, Page], ...]
    """``(plugin name, page)``."""
    jobs: dict[str, Job]
    """By ``<plugin>.<job>``."""
    plugins: Plugins
    contexts: dict[str, PluginContext]

    @contextmanager
    def work(self) -> Iterator[Work]:
        """One writing transaction with its collaborators; committed at the end, rolled back on any exception."""
        with self.database.transaction() as session:
            yield self.work_in(session)

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """One reading transaction; what is written in it is lost or refused."""
        with self.database.reading() as session:
            yield self.work_in(session)

    def work_in(self, session: Session) -> Work:
        return Work(session, self.clock, self.journal, self.blobs, self.providers, self.enqueue)

    def close(self) -> None:
        self.database.close()


def compose(settings: Settings, *, plugins: Plugins | None = None, clock: Clock | None = None) -> Platform:
    """Open everything that the settings name; makes ``data_dir``, touches no network.

    Raises:
        Misconfigured: a plugin does not load, or a name in the settings is not registered.
    """
    plugins = plugins or load_plugins()
    clock = clock or SystemClock()
    sections = plugins.sections(settings)
    private_directory(settings.data_dir)
    database = open_database(settings.database_url, pool_size=settings.database.pool_size)
    foundation = _Foundation(settings, database, clock, DatabaseJournal(clock), _NothingOutbound())
    contexts = {name: foundation.context(name, section) for name, section in sections.items()}
    registered = register(plugins, contexts)
    foundation.blobs = Blobs(choose("storage.store", settings.storage.store, registered.stores))
    return _platform(foundation, plugins, contexts, registered)


def web_secret(settings: Settings) -> bytes:
    """The key that signs CSRF tokens: 32 octets in ``data_dir``, made once, the same for every web process."""
    path = private_directory(settings.data_dir) / "web.secret"
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=settings.data_dir) as file, contextlib.suppress(FileExistsError):
            file.write(secrets.token_bytes(32))
            file.flush()
            os.link(file.name, path)  # complete or not at all, and never over another process's
    return path.read_bytes()


def private_directory(path: Path) -> Path:
    """Make ``path`` for this user alone (0700). Raises ``Misconfigured`` if that cannot be."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            "directory_unusable",
            f"フォルダー {path} を作れません: {error.strerror}",
            f"Cannot make the directory {path}: {error.strerror}",
        ) from error
    return path


@dataclass
class _Foundation:
    """What plugins are handed before it is known what they bring."""

    settings: Settings
    database: Database
    clock: Clock
    journal: DatabaseJournal
    http: OutboundHttp
    blobs: Blobs | None = None

    def context(self, name: str, section: Any) -> PluginContext:
        return PluginContext(
            name=name,
            settings=section,
            clock=self.clock,
            transaction=self.database.transaction,
            reading=self.database.reading,
            journal=self.journal,
            http=self.http,
            data_dir=private_directory(self.settings.data_dir / "plugins" / name),
            base_url=self.settings.server.base_url,
            publish=lambda path, data: self._publish(f"{name}/{path}", data),
        )

    def _publish(self, name: str, data: bytes) -> None:
        if self.blobs is None:
            raise RuntimeError("hooks register only; publishing comes after start-up")
        self.blobs.publish(name, data)


def _refuse(*_question: Any, **_limits: Any) -> HttpAnswer:
    raise Forbidden("outbound_absent", "外部への通信は使えません。", "There is no way out yet.")


class _NothingOutbound:
    """Until the outbound room is here: everything is refused."""

    get = post = staticmethod(_refuse)


def _platform(
    foundation: _Foundation, plugins: Plugins, contexts: dict[str, PluginContext], registered: Registered
) -> Platform:
    settings = foundation.settings
    stamper = settings.timestamping.timestamper
    assert foundation.blobs is not None  # noqa: S101 -- set by compose two lines before
    return Platform(
        settings=settings,
        database=foundation.database,
        clock=foundation.clock,
        journal=foundation.journal,
        blobs=foundation.blobs,
        http=foundation.http,
        keys=KeysClient(settings.keys_socket),
        enqueue=WorkflowQueue(foundation.database),
        providers=tuple(registered.providers.values()),
        notifiers=tuple(
            choose("notifications.notifiers", n, registered.notifiers) for n in settings.notifications.notifiers
        ),
        timestamper=choose("timestamping.timestamper", stamper, registered.timestampers) if stamper else None,
        pages=tuple(registered.pages),
        jobs=registered.jobs,
        plugins=plugins,
        contexts=contexts,
    )
