"""The sections of ``cectrust.toml``. Defaults suit the demo, whose operator is fictitious."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from cectrust.sdk.protocols import ActorKind


class Section(BaseModel):
    """A part of the settings: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class HelpDesk(Section):
    name: str = "電子契約ヘルプデスク（試験用）"
    mail: str = "helpdesk@operator.invalid"
    hours: str = "平日 9:00〜12:00、13:00〜18:00（土日祝日、12月29日〜1月3日を除く）"
    telephone: str = ""
    fax: str = ""


class Operator(Section):
    """Who runs the service; nothing of it is built into the product (white label)."""

    name: str = "架空電子契約サービス株式会社"
    department: str = "電子契約運営部"
    postal_code: str = ""
    address: str = ""
    help_desk: HelpDesk = HelpDesk()
    trial: bool = True
    """Certificates and timestamps are not of an accredited service; every page says so."""
    accreditation_label: str = "認定外（試験用）"


class Server(Section):
    base_url: str
    """The only address that links are made from: ``https://host[:port]``, plain http on loopback alone."""
    host: str = "127.0.0.1"
    port: int = Field(default=8710, ge=1, le=65535)
    web_processes: int = Field(default=2, ge=1, le=64)
    web_threads: int = Field(default=4, ge=1, le=64)

    @field_validator("base_url")
    @classmethod
    def _origin_only(cls, value: str) -> str:
        parts = urlsplit(value)
        if not parts.hostname or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("must be an origin such as https://keiyaku.example.jp, without path or final slash")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
            raise ValueError("must be https; http is for localhost only")
        return value

    @property
    def host_of_base_url(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_secure(self) -> bool:
        return self.base_url.startswith("https:")


class DatabaseSection(Section):
    url: str = ""
    """``postgresql+psycopg://…``; empty means SQLite in ``data_dir``."""
    pool_size: int = Field(default=20, ge=5, le=500)


class Storage(Section):
    store: str = "file_store"
    """Name of a registered blob store."""


class Timestamping(Section):
    timestamper: str = ""
    """Name of a registered timestamper; empty: none, and signatures cannot become long-term (B-LTA)."""
    anchors: tuple[Path, ...] = ()
    """PEM files of the roots that time-stamping authorities end at; they vouch for time only."""
    intermediates: tuple[Path, ...] = ()
    """PEM files of the CAs between those roots and the authorities."""
    revocation_hosts: frozenset[str] = frozenset()
    """``host:port`` pairs that CRLs and OCSP of those authorities may be fetched from."""
    accredited: frozenset[str] = frozenset()
    """SHA-256 (hex) of TSA certificates on the accredited list; only their timestamps are called 認定 (T13)."""


class Notifications(Section):
    notifiers: tuple[str, ...] = ()
    """Names of registered notifiers; each is called alone."""


class SecondFactor(Section):
    """Whether a certificate is asked for after the password, by kind of account."""

    user: Literal["optional", "required"] = "optional"
    company: Literal["optional", "required"] = "optional"
    staff: Literal["optional", "required"] = "optional"


class Identity(Section):
    second_factor: SecondFactor = SecondFactor()

    @property
    def kinds_with_factor(self) -> frozenset[ActorKind]:
        """The kinds of account for which a password alone never opens a session."""
        return frozenset(ActorKind(kind) for kind, rule in self.second_factor if rule == "required")


class Bridge(Section):
    ports: tuple[int, ...] = (48710, 48711, 48712)
    """Fixed by the bridge's protocol; a change here needs bridges that listen there."""
    download: str = ""
    """Where people get the bridge (``https://…``); empty: the help page sends them to an administrator."""

    @field_validator("download")
    @classmethod
    def _is_https(cls, value: str) -> str:
        if value and not value.startswith("https://"):
            raise ValueError("an https address, or nothing")
        return value


class Signing(Section):
    request_minutes: int = Field(default=10, ge=1, le=1440)
    """How long one prepared contract waits to be ordered from a bridge."""
    batch_minutes: int = Field(default=120, ge=1, le=1440)
    """The same for several contracts that are signed in one go: every one of them is to be read first."""

    def life(self, contracts: int) -> int:
        """Microseconds from the choice of the certificate to the end of a request over so many contracts."""
        minutes = self.request_minutes if contracts == 1 else self.batch_minutes
        return minutes * 60_000_000


class Keys(Section):
    socket: Path | None = None
    """Unix socket of the keys role; its directory is made with mode 0700."""
    directory: Path | None = None
    """Where the demo keeps the identity key and the log key as files of mode 0600."""
    request_key_days: int = Field(default=7, ge=1, le=7)


class Archive(Section):
    origin: str = ""
    """Origin line of the log's checkpoints; empty: ``<host of base_url>/log``. Never change it later."""


class Limits(Section):
    upload_bytes: int = Field(default=100_000_000, ge=1)
    pages: int = Field(default=2000, ge=1, le=5000)


class Outbound(Section):
    allowed_hosts: tuple[str, ...] = ()
    """``host:port`` pairs that may resolve to an address that is not global (a TSA on the local network)."""


class Workflows(Section):
    executor_id: str = "worker-1"
    """Stable and unique per worker process; a restarted worker takes up its own work by it."""
    concurrency: int = Field(default=4, ge=1, le=64)
    heartbeat_seconds: int = Field(default=5, ge=1)
    dead_after_seconds: int = Field(default=30, ge=2)


class Logging(Section):
    level: str = "INFO"
    json_lines: bool = True


def is_loopback(host: str) -> bool:
    """Whether a host of a URL can only be this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
