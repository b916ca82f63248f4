"""Two companies in a composed house: real store, parsers, workers' steps, CRLs and timestamps over HTTP.

What is not here is the browser and the token: ``tests/e2e`` has those. Signatures are made with software keys and
vouched for by a bridge identity key of the test's own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cectrust.certificates import service as certificates
from cectrust.clock import SystemClock
from cectrust.contracts import service as contracts
from cectrust.contracts.model import Consent, Contract, Money
from cectrust.contracts.service import Registration, Upload
from cectrust.database import metadata, migrations
from cectrust.identity import service as identity
from cectrust.identity.model import NewAccount
from cectrust.identity.service import SYSTEM
from cectrust.keys import jose
from cectrust.outbound.revocation import RevocationFetcher, RevocationSource
from cectrust.pades.parsers import WARM_MODULES, IsolatedParsers
from cectrust.parsing import Limits, ParserPool
from cectrust.platform import Platform
from cectrust.plugins import load_plugins
from cectrust.rooms import schema
from cectrust.sdk.possession import binding_statement
from cectrust.sdk.protocols import Actor, ActorKind
from cectrust.signing import bridges, connections, service, workflow
from cectrust.signing.model import REQUEST_LIFE, Batch, Connection, SigningRequest
from cectrust.work import Work, Workplace
from cectrust.workflows import engine
from tests.support import platforms
from tests.support.authorities import KIND, PkiProvider, publishing, tsa_process
from tests.support.house_settings import settings_of_house, settings_of_processes
from tests.support.person import Person
from tests.support.pki import Entity, Pki, build_pki, sign_raw
from tests.support.proof import confirmed

LONG_NAME = "株式会社山田太郎建設工業北海道東北支店営業第一部"


class InlineSteps:
    """``cectrust.workflows.Steps`` without durability: what a worker does, at once and in this process."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def transaction(self, _name: str, use: Callable[[Work], str | None]) -> str | None:
        with self._platform.work() as work:
            return use(work)

    def outside(self, _name: str, act: Callable[[Any], str | None]) -> str | None:
        return act(self._platform)


@dataclass
class House:
    """The composed platform, two users of two companies and the company ID of the first."""

    platform: Platform
    pki: Pki
    sender: Person
    recipient: Person
    company_id_actor: Actor
    stranger: Actor
    document: Path
    enqueued: list[str]

    @property
    def origin(self) -> str:
        return self.platform.settings.server.base_url

    def do(self, act: Callable[..., Any], actor: Actor, *arguments: Any) -> Any:
        """Call one service function in a transaction of its own."""
        with self.platform.work() as work:
            return act(actor, work, *arguments)

    def read(self, act: Callable[..., Any], actor: Actor, *arguments: Any) -> Any:
        with self.platform.reading() as work:
            return act(actor, work, *arguments)

    def register(self, upload: Upload | None = None, **changes: Any) -> Contract:
        form = Registration(
            **{
                "title": "外壁改修工事 請負契約書（第2回変更）",
                "recipient_account_id": self.recipient.actor.id,
                "kinds": (KIND,),
                "money": Money(117_000_000, 11_700_000),
                **changes,
            }
        )
        upload = upload or Upload(self.document, "契約書.pdf")
        return contracts.register(self.sender.actor, self.platform, form, upload)

    def consent(self, contract: Contract) -> None:
        """The recipient's consent stands afterwards; it lasts from one contract to the next."""
        with self.platform.reading() as work:
            consent = contracts.consent_for(work, contract)
        if consent is None or not consent.stands:
            asked = self.do(contracts.ask_consent, self.sender.actor, contract.id)
            self.consented(self.recipient.actor, asked.id)

    def consented(self, actor: Actor, consent_id: str) -> Consent:
        """Given by this user, who has just confirmed it in a session of his own."""
        return self._confirming(contracts.give_consent, "contract.consent_given", actor, consent_id)

    def withdrawn(self, actor: Actor, consent_id: str) -> Consent:
        return self._confirming(contracts.withdraw_consent, "contract.consent_withdrawn", actor, consent_id)

    def _confirming(self, do: Callable[..., Consent], act: str, actor: Actor, consent_id: str) -> Consent:
        with self.platform.work() as work:
            return do(confirmed(work, actor, act, consent_id), work, consent_id)

    def connected(self, person: Person) -> Connection:
        """A connection to the person's bridge, verified."""
        connection = self.do(connections.open_connection, person.actor, self.origin)
        found: Connection = self.do(connections.accept_hello, person.actor, connection.id, person.hello(connection))
        return found

    def chosen(self, person: Person, *contract_ids: str, certificate: bytes = b"") -> Batch:
        """The contracts put together, and a certificate chosen: the person's own unless another is given."""
        batch = self.do(service.select, person.actor, contract_ids)
        found: Batch = self.do(service.choose, person.actor, batch.id, certificate or person.entity.der, REQUEST_LIFE)
        return found

    def prepared(
        self, person: Person, contract_id: str, place: Workplace | None = None, certificate: bytes = b""
    ) -> SigningRequest:
        """A request for one contract that was not sent to a bridge yet."""
        batch = self.chosen(person, contract_id, certificate=certificate)
        return service.prepare(person.actor, place or self.platform, batch.id, 0)

    def request(self, person: Person, contract_id: str) -> SigningRequest:
        """Everything up to the request that the bridge gets."""
        request = self.prepared(person, contract_id)
        self.do(service.bind_connection, person.actor, request.batch_id, self.connected(person).id)
        self.do(service.note_order, person.actor, request.batch_id)
        return request

    def requests(self, person: Person, *contract_ids: str) -> list[SigningRequest]:
        """The same for several contracts under one request."""
        batch = self.chosen(person, *contract_ids)
        self.do(service.bind_connection, person.actor, batch.id, self.connected(person).id)
        found = [service.prepare(person.actor, self.platform, batch.id, item.ordinal) for item in batch.items]
        self.do(service.note_order, person.actor, batch.id)
        return found

    def accept(self, person: Person, request: SigningRequest, **changes: Any) -> SigningRequest:
        result = person.result(request, self.origin, **changes)
        return service.accept(person.actor, self.platform, request.batch_id, result)

    def complete(self, request_id: str) -> None:
        workflow.complete(InlineSteps(self.platform), request_id)

    def sign(self, person: Person, contract_id: str) -> SigningRequest:
        request = self.accept(person, self.request(person, contract_id))
        self.complete(request.id)
        return request

    def contract(self, contract_id: str, actor: Actor | None = None) -> Contract:
        found: Contract = self.read(contracts.contract, actor or self.sender.actor, contract_id)
        return found

    def sent(self) -> Contract:
        """A contract that the sender signed and sent."""
        contract = self.register()
        self.consent(contract)
        self.sign(self.sender, contract.id)
        self.do(contracts.send, self.sender.actor, contract.id)
        return self.contract(contract.id)

    @contextmanager
    def revoked(self, person: Person) -> Iterator[None]:
        """The person's certificate is revoked, and nobody has cached anything else."""
        before = self.platform
        self.pki.issuing.revoke(person.entity)
        self.platform = dataclasses.replace(before, revocation=_revocation(before, self.pki))
        try:
            yield
        finally:
            self.pki.issuing.revoked.clear()
            self.platform = before

    @contextmanager
    def starved(self, step: str) -> Iterator[None]:
        """The parsers of `extend` or of `validate` have no memory left; nothing is wrong with the file."""
        before = self.platform
        limits: dict[str, Any] = {"judging": Limits(memory=1)} if step == "validate" else {"memory": 1}
        starved = IsolatedParsers(ParserPool(WARM_MODULES), before.settings.limits.upload_bytes, **limits)
        self.platform = dataclasses.replace(before, parsers=starved)
        try:
            yield
        finally:
            starved.close()
            self.platform = before

    def concluded(self) -> Contract:
        contract = self.sent()
        self.sign(self.recipient, contract.id)
        self.do(contracts.confirm, self.sender.actor, contract.id)
        return self.contract(contract.id)


@contextmanager
def house(directory: Path, database_url: str, document: Path, mail_port: int | None = None) -> Iterator[House]:
    """Open everything; CRLs and timestamps come over HTTP on loopback.

    With a ``mail_port`` the house has tables as an operator makes them, and everything that processes of their own
    (``cectrust work``) need; completions are then really enqueued.
    """
    with publishing() as server:
        yield from _house(directory, database_url, document, server, mail_port)


def _house(
    directory: Path, database_url: str, document: Path, server: ThreadingHTTPServer, mail_port: int | None
) -> Iterator[House]:
    host = f"127.0.0.1:{server.server_address[1]}"
    pki = build_pki(ocsp_url=None, crls=f"http://{host}")
    server.pki = pki  # type: ignore[attr-defined]
    enqueued: list[str] = []
    with tsa_process(directory, pki.tsa) as url:
        more = settings_of_house(directory, pki, host, url)
        if mail_port is None:
            platform = platforms.platform(directory, database_url, clock=SystemClock(), more=more)
            platform = dataclasses.replace(platform, enqueue=lambda _session, _workflow, name: enqueued.append(name))
            metadata.create_all(platform.database.engine)
        else:
            more += settings_of_processes(directory, pki, host, mail_port)
            platform = platforms.platform(directory, database_url, clock=SystemClock(), more=more)
            platform = dataclasses.replace(platform, plugins=load_plugins())
            migrations.upgrade(platform.database, schema(platform.plugins))
            engine.migrate(platform.database)
        platform = dataclasses.replace(platform, providers=(PkiProvider(pki, host),))
        platform = dataclasses.replace(platform, revocation=_revocation(platform, pki))
        try:
            yield _people(platform, pki, document, enqueued)
        finally:
            platform.close()


def _revocation(platform: Platform, pki: Pki) -> RevocationFetcher:
    hosts = frozenset(host for provider in platform.providers for host in provider.revocation_hosts())
    time = RevocationSource((pki.tsa_root.der,), hosts)
    return RevocationFetcher(platform.http, platform.providers, platform.clock, [time])


def _people(platform: Platform, pki: Pki, document: Path, enqueued: list[str]) -> House:
    with platform.work() as work:
        ours = identity.create_company(SYSTEM, work, LONG_NAME)
        theirs = identity.create_company(SYSTEM, work, "有限会社神福鋼材")
        others = identity.create_company(SYSTEM, work, "塚本架設株式会社")
        company = NewAccount("yamada-co", ActorKind.COMPANY, ours.id, "", "管理者", "admin@example.jp")
        company_id_actor = identity.create_account(SYSTEM, work, company).account.actor
        stranger = NewAccount("tsukamoto", ActorKind.USER, others.id, "工務部", "塚本 一", "t@example.jp")
        outsider = identity.create_account(SYSTEM, work, stranger).account.actor
    sender = _user(platform, "tarou", ours.id, "営業第一部", "山田 太郎", pki.hanako)
    recipient = _user(platform, "yoshino", theirs.id, "購買部", "髙﨑 𠮷乃", pki.taro)
    return House(platform, pki, sender, recipient, company_id_actor, outsider, document, enqueued)


def _user(platform: Platform, login_id: str, company_id: str, department: str, name: str, entity: Entity) -> Person:
    new = NewAccount(login_id, ActorKind.USER, company_id, department, name, f"{login_id}@example.jp")
    with platform.work() as work:
        person = Person(identity.create_account(SYSTEM, work, new).account.actor, login_id, entity)
        bridges.register(SYSTEM, work, login_id, jose.thumbprint(person.bridge_jwk), person.bridge_jwk)
    certificates.bind(SYSTEM, platform, login_id, entity.der, sign_raw(entity, binding_statement(login_id, entity.der)))
    return person
