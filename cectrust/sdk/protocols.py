"""What a plugin implements (stores, providers, notifiers, timestampers) and what it is handed (context).

An interface states obligations: durability, concurrency, ownership. ``cectrust.sdk.testing`` checks them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, NewType, Protocol, runtime_checkable

Instant = NewType("Instant", int)
"""A point in time: microseconds since 1970-01-01T00:00:00Z."""

Digest = NewType("Digest", str)
"""SHA-256, 64 lower-case hexadecimal digits."""


class Clock(Protocol):
    """The only source of time in the product; injected, so that tests can choose it."""

    def now(self) -> Instant: ...


class BlobArea(StrEnum):
    """Where content-addressed bytes lie."""

    ORIGINALS = "originals"
    """Retained; never deleted before the retention of their entry ends."""
    WORKING = "working"
    """Uploads, drafts, prepared files; may be deleted when nothing points at them."""


@dataclass(frozen=True)
class BlobKey:
    """Address of stored bytes. Never comes from a user: it is read from a row the user may see."""

    area: BlobArea
    owner: str
    """Id of the owning company; one company's disposal never touches another's bytes."""
    digest: Digest


@runtime_checkable
class BlobStore(Protocol):
    """Keeps bytes. Not trusted: whoever reads compares with the digest (``cectrust.blobs`` does)."""

    def put(self, key: BlobKey, source: Path) -> None:
        """Store the bytes of ``source`` under ``key``.

        Returns only when they are durable (file and directory synced, or the service's equivalent) and were read
        back with the digest of ``key``. Storing the same key again changes nothing. Concurrent puts are safe.

        Raises:
            InputRefused: the bytes do not have the digest of ``key``; nothing is kept.
            Unavailable: not stored; trying again is safe.
        """

    def open(self, key: BlobKey) -> BinaryIO:
        """Open for reading from the start. Raises ``NotFound``; the caller closes."""

    def size(self, key: BlobKey) -> int | None:
        """Length in bytes, ``None`` if there is no such blob."""

    def delete(self, key: BlobKey) -> None:
        """Forget a working blob; a missing one is no error. Raises ``Forbidden`` for ``originals``."""

    def walk(self, area: BlobArea) -> Iterator[BlobKey]:
        """Every key of an area, in no particular order; for audits."""

    def publish(self, name: str, data: bytes) -> None:
        """Store public bytes under ``name`` (``tile/0/000``), replacing atomically and durably what was there."""

    def published(self, name: str) -> bytes:
        """What ``publish`` stored last under ``name``. Raises ``NotFound``."""


@runtime_checkable
class Timestamper(Protocol):
    """An RFC 3161 time-stamping authority."""

    name: str
    accredited: bool
    """Whether the *configuration* lists it as 認定 (T13); a demo TSA never is."""

    def timestamp(self, digest: bytes, algorithm: str = "sha256") -> bytes:
        """DER ``TimeStampToken`` (RFC 3161, 2.4.2) over ``digest``; nonce and imprint were compared.

        Raises:
            Unavailable: no answer, a refusal, or an answer that does not match.
        """


@dataclass(frozen=True)
class CertificateKind:
    """A kind of certificate that partners can agree on (電子証明書の種類)."""

    code: str
    """Stable, unique over all providers: ``cecsign``, ``partner-example``."""
    label_ja: str
    label_en: str


@runtime_checkable
class CertificateProvider(Protocol):
    """One source of accepted signing certificates: CECSIGN or a partner CA."""

    kind: CertificateKind

    def anchors(self) -> Sequence[bytes]:
        """DER certificates of the roots that this kind ends at."""

    def intermediates(self) -> Sequence[bytes]:
        """DER certificates of CAs between anchors and holders."""

    def accepts(self, certificate: bytes) -> bool:
        """Whether an already path-validated DER certificate is of this kind (policy OIDs, subject rules).

        ``False`` means *not mine*, another provider is asked. *Mine but bad* raises ``InputRefused``.
        """

    def revocation_hosts(self) -> frozenset[str]:
        """``host:port`` pairs that OCSP and CRL may be fetched from, exactly as in the URL's authority."""


@dataclass(frozen=True)
class Message:
    """A mail to one person. Text only; links come from ``base_url``."""

    message_id: str
    """Globally unique and stable over retries, without angle brackets: a receiver drops repeats by it."""
    to: str
    subject: str
    body: str


@runtime_checkable
class Notifier(Protocol):
    """Delivers messages. Called alone, outside any transaction, at least once per message."""

    name: str

    def send(self, message: Message) -> None:
        """Returns when the next system took responsibility.

        Raises:
            Unavailable: not delivered; the caller tries again later with the same ``message_id``.
            InputRefused: will never be delivered (control characters, malformed address).
        """


class ActorKind(StrEnum):
    USER = "user"
    COMPANY = "company"
    STAFF = "staff"
    PLUGIN = "plugin"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who acts. First argument of every service function."""

    kind: ActorKind
    id: str
    company_id: str | None = None
    department: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    session: str = field(default="", compare=False, repr=False)
    """Digest of the session he acts in, empty outside one; dangerous acts are confirmed for one session."""


@dataclass(frozen=True)
class Act:
    """One thing that happened, as the journal keeps it."""

    act: str
    """Dotted name: ``contract.sent``, ``cecsign.certificate_issued``."""
    subject: str
    """Id of what it happened to."""
    company_ids: tuple[str, ...] = ()
    """Companies that may see it."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """JSON values only; no secrets, no personal numbers."""


class Journal(Protocol):
    """The append-only record of every act."""

    def record(self, session: Any, actor: Actor, act: Act) -> None:
        """Insert in the caller's transaction; position and chain hash are given later by the sequencer."""


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    content_type: str
    body: bytes


class OutboundHttp(Protocol):
    """The one way out: resolves once, no redirects, no proxy, limits on size and time."""

    def get(self, url: str, *, allowed_hosts: frozenset[str], limit: int = 10_000_000) -> HttpAnswer: ...

    def post(
        self,
        url: str,
        body: bytes,
        content_type: str,
        *,
        allowed_hosts: frozenset[str],
        limit: int = 1_000_000,
    ) -> HttpAnswer:
        """``allowed_hosts`` are exact ``host:port`` pairs; an address that is not global is refused unless its
        pair is listed. Raises ``Unavailable`` or ``Forbidden``."""


@dataclass(frozen=True)
class PluginContext:
    """What a plugin is handed, once, at start-up."""

    name: str
    settings: Any
    """The plugin's own section, an instance of the model it declared; ``None`` without one."""
    clock: Clock
    transaction: Callable[[], AbstractContextManager[Any]]
    """Opens one transaction (SQLAlchemy ``Session``); commits at the end, rolls back on an exception."""
    reading: Callable[[], AbstractContextManager[Any]]
    """Opens one transaction that only reads. Takes no write lock, so that a provider can read its tables while
    its caller is in a writing transaction; opening ``transaction`` there would wait for the caller for ever."""
    journal: Journal
    http: OutboundHttp
    data_dir: Path
    """A directory of the plugin's own, 0700."""
    base_url: str
    publish: Callable[[str, bytes], None]
    """Stores public bytes under ``<plugin name>/<name>`` in the blob area *published*."""


@dataclass(frozen=True)
class Tables:
    """A plugin's own tables, every one named ``<plugin>_…``, and the Alembic branch that makes them."""

    metadata: Any
    """A ``sqlalchemy.MetaData`` of the plugin's own."""
    versions: Path
    """Directory of Alembic revisions; their ``branch_labels`` are ``(<plugin>,)``."""


@dataclass(frozen=True)
class Page:
    """A blueprint under ``/<plugin name>/`` and, if ``menu_ja`` is set, an entry in the footer menu."""

    blueprint: Any
    menu_ja: str = ""
    menu_en: str = ""
    endpoint: str = ""
    public: bool = False
    """Whether its views are for people who are not signed in (CRL, CA certificates)."""
    machine_endpoints: tuple[str, ...] = ()
    """Endpoints that programs post to (``cecsign.ocsp``): no CSRF token is asked for, so they look at no cookie."""
    hosts: frozenset[str] = frozenset()
    """Host names, without port, by which its views are reached beside that of ``base_url``: addresses inside
    certificates are plain http and outlive a change of ``base_url``. Nothing else answers to these names."""
    translations: str = ""
    """Directory of gettext catalogues (``en/LC_MESSAGES/messages.mo``) for the sentences of its templates."""


@dataclass(frozen=True)
class Job:
    """Work that the worker does again and again."""

    name: str
    every_seconds: int
    run: Callable[[], None]
    """Idempotent; an exception is logged as an alarm and the job runs again at its next time."""
