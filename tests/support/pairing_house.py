"""A server over HTTP with its keys role, and users who pair their bridges with it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import make_server

from cectrust.app import create_app
from cectrust.authentication.orders import AuthenticationOrders
from cectrust.database import metadata
from cectrust.identity import service as identity
from cectrust.identity.model import Account, NewAccount
from cectrust.keys.keyring import Keyring, make_keys
from cectrust.keys.server import KeysRole, KeysServer
from cectrust.platform import Platform, compose
from cectrust.plugins import load_plugins
from cectrust.sdk.protocols import ActorKind
from cectrust.settings import Settings
from cectrust.signing.orders import Orders
from cectrust.web.application import Application
from tests.conftest import ChosenClock
from tests.support.ports import listening, port_of

COMPANY = "株式会社山田太郎建設工業北海道東北支店営業第一部"


@dataclass(frozen=True)
class PairingHouse:
    """``people``: two users of one company, and its company ID."""

    app: Application
    platform: Platform
    clock: ChosenClock
    people: dict[str, Account]

    @property
    def origin(self) -> str:
        return self.platform.settings.server.base_url

    def do(self, act: Any, *arguments: Any) -> Any:
        """One service function in a transaction of its own."""
        with self.platform.work() as work:
            return act(work, *arguments)

    def as_person(self, name: str, act: Any, *arguments: Any) -> Any:
        with self.platform.work() as work:
            return act(self.people[name].actor, work, *arguments)


def post(house: PairingHouse, message: object, path: str = "/signing/pairings") -> tuple[int, str]:
    """Status and the code of a refusal."""
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    with closing(HTTPConnection("127.0.0.1", urlsplit(house.origin).port)) as connection:
        connection.request("POST", path, json.dumps(message).encode(), {**headers, "Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, json.load(answer).get("code", "")


@contextmanager
def pairing_house(folder: Path, database_url: str, clock: ChosenClock) -> Iterator[PairingHouse]:
    with listening() as listener:
        settings = _settings(folder, database_url, port_of(listener))
        platform = compose(settings, plugins=load_plugins(installed=[]), clock=clock)
        metadata.create_all(platform.database.engine)
        house = PairingHouse(create_app(platform), platform, clock, _people(platform))
        with _keys_role(platform, clock), _web(house, listener):
            yield house
        platform.close()


def _settings(folder: Path, database_url: str, port: int) -> Settings:
    sections: dict[str, Any] = {
        "data_dir": folder / "data",
        "server": {"base_url": f"http://localhost:{port}"},
        "database": {"url": database_url},
        "storage": {"store": "file_store"},
    }
    return Settings(**sections)


def _people(platform: Platform) -> dict[str, Account]:
    with platform.work() as work:
        company = identity.create_company(identity.SYSTEM, work, COMPANY).id
        entries = {
            "taro": NewAccount("taro", ActorKind.USER, company, "購買部", "山田 太郎", "t@example.jp"),
            "yoshino": NewAccount("yoshino", ActorKind.USER, company, "購買部", "髙﨑 𠮷乃", "y@example.jp"),
            "company": NewAccount("company", ActorKind.COMPANY, company, "", "管理者", "k@example.jp"),
        }
        return {n: identity.create_account(identity.SYSTEM, work, new).account for n, new in entries.items()}


@contextmanager
def _keys_role(platform: Platform, clock: ChosenClock) -> Iterator[None]:
    make_keys(platform.settings.keys_directory)
    keyring = Keyring(platform.settings.keys_directory, platform.settings.server.base_url)
    orders = AuthenticationOrders(clock, Orders(clock))
    role = KeysRole(keyring, platform.database, clock, platform.settings.log_origin, orders)
    with KeysServer(platform.settings.keys_socket, role) as server, _thread(server):
        yield


@contextmanager
def _web(house: PairingHouse, listener: socket.socket) -> Iterator[None]:
    server = make_server("127.0.0.1", port_of(listener), house.app, threaded=True, fd=listener.fileno())
    try:
        with _thread(server):
            yield
    finally:
        server.server_close()


@contextmanager
def _thread(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
