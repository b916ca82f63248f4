"""The one composition: settings to everything that web processes, worker and commands work with."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.orm import Session

from cectrust.blobs.service import Blobs
from cectrust.clock import SystemClock
from cectrust.database import Database, open_database
from cectrust.journal.service import DatabaseJournal
from cectrust.keys.client import KeysClient
from cectrust.outbound.client import HttpClient
from cectrust.outbound.revocation import RevocationFetcher
from cectrust.outbound.revocation import RevocationSource as Authorities
from cectrust.pades.parsers import WARM_MODULES, IsolatedParsers
from cectrust.pades.protocols import RevocationSource
from cectrust.parsing import ParserPool
from cectrust.plugins import Plugins, Registered, choose, load_plugins, register
from cectrust.sdk.errors import Misconfigured
from cectrust.sdk.protocols import (
    CertificateProvider,
    Clock,
    Job,
    Notifier,
    OutboundHttp,
    Page,
    PluginContext,
    Timestamper,
)
from cectrust.settings import Settings
from cectrust.work import Enqueue, Parsers, Work
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
    tsa_anchors: tuple[bytes, ...]
    """DER roots that vouch for time, and for nothing else."""
    parsers: Parsers
    revocation: RevocationSource
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
        """One reading transaction; writing in it is an error of the database."""
        with self.database.reading() as session:
            yield self.work_in(session)

    def work_in(self, session: Session) -> Work:
        return Work(
            session=session,
            clock=self.clock,
            journal=self.journal,
            blobs=self.blobs,
            providers=self.providers,
            enqueue=self.enqueue,
            parsers=self.parsers,
            revocation=self.revocation,
            tsa_anchors=self.tsa_anchors,
        )

    def close(self) -> None:
        self.parsers.close()
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
    foundation = _Foundation(settings, database, clock, DatabaseJournal(clock), _outbound(settings))
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


def pem_certificates(paths: Iterable[Path]) -> tuple[bytes, ...]:
    """DER of all certificates in PEM files. Raises ``Misconfigured`` that names the file."""
    found: list[bytes] = []
    for path in paths:
        try:
            found += [c.public_bytes(Encoding.DER) for c in x509.load_pem_x509_certificates(path.read_bytes())]
        except (OSError, ValueError) as error:
            raise Misconfigured(
                "certificates_unreadable",
                f"証明書ファイル {path} を読めません。",
                f"Cannot read certificates from {path}.",
                str(error),
            ) from error
    return tuple(found)


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


def _outbound(settings: Settings) -> HttpClient:
    return HttpClient(frozenset(settings.outbound.allowed_hosts))


def _revocation(foundation: _Foundation, providers: Iterable[CertificateProvider]) -> RevocationFetcher:
    """Who tells what was revoked: the providers' authorities, and those of the TSA."""
    section = foundation.settings.timestamping
    authorities = pem_certificates((*section.anchors, *section.intermediates))
    time = Authorities(authorities, section.revocation_hosts)
    return RevocationFetcher(foundation.http, providers, foundation.clock, [time])


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
        tsa_anchors=pem_certificates(settings.timestamping.anchors),
        parsers=IsolatedParsers(ParserPool(WARM_MODULES), settings.limits.upload_bytes, settings.limits.pages),
        revocation=_revocation(foundation, registered.providers.values()),
        pages=tuple(registered.pages),
        jobs=registered.jobs,
        plugins=plugins,
        contexts=contexts,
    )
