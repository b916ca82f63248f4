"""A running server with two companies of awkward names and contracts in every state, for looking at pages."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import update
from werkzeug.serving import make_server

from cectrust.app import create_app
from cectrust.authentication import second_factor
from cectrust.certificates import store as certificate_store
from cectrust.certificates.model import Binding, facts_of
from cectrust.clock import today
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Money, State
from cectrust.contracts.service import Registration, Upload
from cectrust.contracts.tables import contracts as contracts_table
from cectrust.database import metadata
from cectrust.identity import service as identity
from cectrust.identity import sign_in
from cectrust.identity.model import Account, NewAccount
from cectrust.platform import Platform, compose
from cectrust.plugins import load_plugins
from cectrust.sdk.protocols import ActorKind, Instant
from cectrust.settings import Settings
from cectrust.signing import bridge_store
from cectrust.signing import service as signing
from cectrust.signing.bridge_model import RegisteredBridge
from tests.support.partner_ca import make_partner
from tests.support.pki import build_pki
from tests.support.ports import free_ports, listening, port_of
from tests.support.proof import confirmed
from tests.support.tls import server_context

PASSWORD = "つくえの上の 古い定規 三本"
PDF = Path(__file__).parents[1] / "fixtures" / "pdf" / "weasyprint.pdf"
SENDER = "株式会社山田太郎建設工業北海道東北支店営業第一部"
PARTNER = "有限会社神福塚靖都鋼材"
COMPUTER = "b" * 43
BINDING = "e" * 32


@dataclass(frozen=True)
class Stage:
    """``people`` by role: sender, recipient, company, newcomer (initial password).

    ``contracts`` by state, ``another_draft``, and a ``batch`` of both drafts and one that nobody can sign any more.
    """

    base_url: str
    people: dict[str, Account]
    contracts: dict[str, str]
    consent: str
    newcomer_password: str
    bridge_ports: tuple[int, ...]
    platform: Platform


@contextmanager
def running(folder: Path, *, https: str = "") -> Iterator[Stage]:
    """With ``https`` at that host, as in production; the certificate is the test's own."""
    with listening() as listener:
        port = port_of(listener)
        base_url = f"https://{https}:{port}" if https else f"http://localhost:{port}"
        with furnished(folder, base_url) as (platform, stage), _served(folder, platform, listener, https):
            yield stage


@contextmanager
def _served(folder: Path, platform: Platform, listener: socket.socket, https: str) -> Iterator[None]:
    tls = server_context(folder, https) if https else None
    where = {"threaded": True, "ssl_context": tls, "fd": listener.fileno()}
    server = make_server("127.0.0.1", port_of(listener), create_app(platform), **where)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def furnished(folder: Path, base_url: str) -> Iterator[tuple[Platform, Stage]]:
    """The same without a server."""
    platform = compose(_settings(folder, base_url), plugins=load_plugins(installed=[]))
    metadata.create_all(platform.database.engine)
    try:
        yield platform, _furnish(platform, base_url)
    finally:
        platform.close()


def _settings(folder: Path, base_url: str) -> Settings:
    description = make_partner(folder).description
    sections: dict[str, Any] = {
        "data_dir": folder / "data",
        "server": {"base_url": base_url},
        "bridge": {"ports": free_ports(3)},
        "storage": {"store": "file_store"},
        "plugins": {"partner_toml": {"files": [str(description)]}},
    }
    return Settings(**sections)


def _furnish(platform: Platform, base_url: str) -> Stage:
    with platform.work() as work:
        ours = identity.create_company(identity.SYSTEM, work, SENDER)
        theirs = identity.create_company(identity.SYSTEM, work, PARTNER)
        asking = identity.create_company(identity.SYSTEM, work, "合同会社みなと内装")
    people, newcomer_password = _people(platform, ours.id, theirs.id, asking.id)
    made = {state.value: _contract(platform, people, state) for state in State}
    with platform.work() as work:
        actor = people["sender"].actor
        consent = contracts.ask_consent(actor, work, made["draft"])
        for bridge in computers(people["sender"].id, work.clock.now()):
            bridge_store.register(work.session, bridge)
        bridge_store.used(work.session, people["sender"].id, "c" * 43, work.clock.now())
    made["another_draft"] = _contract(platform, people, State.DRAFT)
    with platform.work() as work:
        chosen = [made[name] for name in ("draft", "another_draft", "concluded")]
        made["batch"] = signing.select(people["sender"].actor, work, chosen).id
    _bind(platform, people["sender"], BINDING, build_pki(ocsp_url=None).taro.der)
    _second_factor(platform, people["careful"])
    return Stage(base_url, people, made, consent.id, newcomer_password, platform.settings.bridge.ports, platform)


def _second_factor(platform: Platform, account: Account) -> None:
    """A certificate with a long name, a computer, and the second factor switched on."""
    _bind(platform, account, "d" * 32, build_pki(ocsp_url=None).hanako.der)
    with platform.work() as work:
        bridge_store.register(work.session, replace(computers(account.id, work.clock.now())[0], registration="2" * 32))
        second_factor.switch_on(confirmed(work, account.actor, "account.second_factor_on"), work)


def _bind(platform: Platform, account: Account, binding_id: str, certificate: bytes) -> None:
    facts = facts_of(certificate)
    owner = (binding_id, account.id, "test")
    binding = Binding(*owner, facts.der, facts.sha256, "髙﨑 𠮷乃", facts.not_before, facts.not_after)
    with platform.work() as work:
        certificate_store.insert_binding(work.session, binding, facts, work.clock.now())


def computers(account_id: str, now: Instant) -> list[RegisteredBridge]:
    """One with an awkward name that was never used, and one that an administrator registered."""
    named = ("北海道東北支店営業第一部 購買担当 髙﨑𠮷乃さんのノートパソコン（２号機）-DESKTOP-8F3KQ2L", "Windows")
    return [
        RegisteredBridge(COMPUTER, account_id, {}, "0" * 32, *named, now, None, None, None),
        RegisteredBridge("c" * 43, account_id, {}, "1" * 32, "", "", Instant(now - 86_400_000_000), None, None, None),
    ]


def _people(platform: Platform, ours: str, theirs: str, asking: str) -> tuple[dict[str, Account], str]:
    entries = {
        "sender": NewAccount("yamada", ActorKind.USER, ours, "関東支店 購買部", "山田 太郎", "y@example.jp"),
        "recipient": NewAccount("yoshino", ActorKind.USER, theirs, "営業部", "髙﨑 𠮷乃", "t@example.jp"),
        "company": NewAccount("c000001", ActorKind.COMPANY, ours, "", "管理者", "k@example.jp"),
        "careful": NewAccount("shincho", ActorKind.USER, theirs, "工事部", "慎重 𠮷田", "s@example.jp"),
        "newcomer": NewAccount("minato", ActorKind.USER, asking, "工事部", "濵邉 齋", "m@example.jp"),
    }
    people, initial = {}, ""
    for role, new in entries.items():
        with platform.work() as work:
            opened = identity.create_account(identity.SYSTEM, work, new)
            if role == "newcomer":
                initial = opened.initial_password
                people[role] = opened.account
                continue
            changed = sign_in.change_password(opened.account.actor, work, opened.initial_password, PASSWORD)
            people[role] = changed.account
    return people, initial


def _contract(platform: Platform, people: dict[str, Account], state: State) -> str:
    """A contract put into a state without the signatures that lead there: only its pages are looked at."""
    contract_id = example_contract(platform, people["sender"], people["recipient"])
    sent = state not in (State.DRAFT, State.SIGNED, State.DISCARDED)
    reason = "第3条の工期が、お打ち合わせの内容と異なります。" if state is State.SENT_BACK else ""
    with platform.work() as work:
        revision = contracts.contract(people["sender"].actor, work, contract_id).document.current.id
        values = {"state": state.value, "sent_revision_id": revision if sent else None, "reason": reason}
        if state is State.CONCLUDED:
            values |= {"concluded_at": work.clock.now(), "formed_at": work.clock.now()}
        work.session.execute(update(contracts_table).where(contracts_table.c.id == contract_id).values(values))
    return contract_id


def example_contract(platform: Platform, sender: Account, recipient: Account) -> str:
    """Register a draft with awkward names and a real PDF; returns its id."""
    day = today(platform.clock)
    form = Registration(
        title="北海道東北支店管内 第三ビル外壁改修工事（第2回変更）請負契約書",
        recipient_account_id=recipient.id,
        kinds=tuple(provider.kind.code for provider in platform.providers),
        money=Money(117_000_000, 11_700_000),
        contract_date=day,
        reply_by=day + dt.timedelta(days=3),
    )
    return contracts.register(sender.actor, platform, form, Upload(PDF, "外壁改修工事請負契約書.pdf")).id
