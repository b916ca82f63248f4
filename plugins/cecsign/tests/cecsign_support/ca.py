"""A CA for tests: real SoftHSM2 tokens, the real database and journal."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pkcs11
import pytest
from cectrust_cecsign.instants import to_datetime
from cectrust_cecsign.model import TokenAddress
from cectrust_cecsign.settings import CaToken, CecsignSettings, CommonNames
from cectrust_cecsign.tables import metadata

import cectrust.journal.tables
from cectrust.clock import SystemClock
from cectrust.database import Database, open_database
from cectrust.database import metadata as core_metadata
from cectrust.journal.service import DatabaseJournal
from cectrust.sdk.protocols import Actor, ActorKind, Instant, PluginContext

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "739154"
SO_PIN = "5550123987"
SUBSCRIBER = "cecsign-subscriber"
OFFICER = Actor(ActorKind.PLUGIN, "cecsign", name="officer")
assert cectrust.journal.tables  # its tables join the core's metadata


class ShiftedClock:
    """The machine's clock, some days ahead."""

    def __init__(self) -> None:
        self.ahead_days = 0.0

    def now(self) -> Instant:
        return Instant(SystemClock().now() + int(self.ahead_days * 86_400_000_000))


@dataclass(frozen=True)
class Ca:
    """A whole CA: the plugin's context, its tokens' directory and a blank subscriber token."""

    context: PluginContext
    directory: Path
    clock: ShiftedClock

    def token(self, label: str = SUBSCRIBER) -> TokenAddress:
        """A fresh token with the PIN of these tests."""
        make_token(label)
        return TokenAddress(MODULE, label)

    def now(self) -> datetime:
        """The CA's time."""
        return to_datetime(self.clock.now())


def make_token(label: str) -> None:
    command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", PIN]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def write_pin(directory: Path) -> None:
    (directory / "ca.pin").write_text(PIN + "\n")
    (directory / "ca.pin").chmod(0o600)


def write_configuration(directory: Path) -> Path:
    (directory / "tokens").mkdir(exist_ok=True)
    path = directory / "softhsm2.conf"
    path.write_text(f"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    return path


def settings_in(directory: Path, repository_url: str = "http://127.0.0.1:8000/cecsign") -> CecsignSettings:
    pin_file = directory / "ca.pin"
    return CecsignSettings(
        repository_url=repository_url,
        policy_oid="1.3.6.1.4.1.32473.1.1",
        organisation="CECSIGN Demo 認定外（試験用）",
        common_names=CommonNames(
            root="CECSIGN Demo Root CA (Not Accredited, Test)",
            issuing="CECSIGN Demo Issuing CA (Not Accredited, Test)",
            tsa_root="CECSIGN Demo TSA Root CA (Not Accredited, Test)",
            responder="CECSIGN Demo OCSP Responder (Not Accredited, Test)",
            timestamping="CECSIGN Demo TSA (Not Accredited, Test)",
        ),
        online_token=CaToken(module=MODULE, label="cecsign-online", pin_file=pin_file),
        offline_token=CaToken(module=MODULE, label="cecsign-offline", pin_file=pin_file),
    )


def context_on(database: Database, directory: Path, clock: ShiftedClock, settings: CecsignSettings) -> PluginContext:
    return PluginContext(
        name="cecsign",
        settings=settings,
        clock=clock,
        transaction=database.transaction,
        reading=database.reading,
        journal=DatabaseJournal(clock),
        http=None,  # type: ignore[arg-type]  # the plugin goes nowhere
        data_dir=directory,
        base_url="http://127.0.0.1:8000",
        publish=lambda *_: None,
    )


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    core_metadata.create_all(database.engine)
    metadata.create_all(database.engine)
    yield database
    database.close()


@contextmanager
def softhsm(directory: Path) -> Iterator[None]:
    """SoftHSM on the tokens of ``directory``; the module in this process is made to read them anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(write_configuration(directory)))
        pkcs11.lib(str(MODULE)).reinitialize()
        yield


def copy_register(ca: Ca, target: Database) -> None:
    with ca.context.reading() as source, target.transaction() as session:
        for table in metadata.sorted_tables:
            rows = [dict(row._mapping) for row in source.execute(table.select())]
            if rows:
                session.execute(table.insert(), rows)
