"""The composed house under measurement, in a process of its own: `python -m tests.benchmarks.service_ours FOLDER`.

Signatures go through the real acceptance and a real worker on DBOS; CRLs and timestamps come over HTTP from
loopback. Prints one JSON object: what `Measured` holds.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from cectrust import rooms  # noqa: F401 -- registers every room's workflows
from cectrust.contracts import service as contracts
from cectrust.jobs import jobs
from cectrust.keys.keyring import Keyring, make_keys
from cectrust.keys.server import KeysRole, KeysServer
from cectrust.platform import Platform
from cectrust.sdk.protocols import Timestamper
from cectrust.signing import service, store
from cectrust.signing.model import RequestState
from cectrust.signing.orders import Orders
from cectrust.workflows import engine, registered
from cectrust.workflows.queue import WorkflowQueue
from cectrust.workflows.worker import Worker
from tests.benchmarks.documents import CASES, make_document
from tests.benchmarks.pages import pages
from tests.benchmarks.row import peak_memory
from tests.support.house import House, house
from tests.support.person import Person

SIZES = ("30 KB", "5 MB, 50 pages", "100 MB")
ROUNDS = {"30 KB": 4, "5 MB, 50 pages": 2, "100 MB": 1}
WAIT_SECONDS = 120


@dataclass
class Timed:
    """The house's time-stamping authority, with the time that it took and the calls that it got."""

    inner: Timestamper
    milliseconds: float = 0.0
    calls: int = 0

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def accredited(self) -> bool:
        return self.inner.accredited

    def timestamp(self, digest: bytes, algorithm: str = "sha256") -> bytes:
        started = time.perf_counter()
        try:
            return self.inner.timestamp(digest, algorithm)
        finally:
            self.milliseconds += (time.perf_counter() - started) * 1000
            self.calls += 1


@dataclass
class Measured:
    """By size: milliseconds of each part of a signature; by page: milliseconds; MiB of this process."""

    parts: dict[str, dict[str, float]] = field(default_factory=dict)
    pages: dict[str, float] = field(default_factory=dict)
    memory: dict[str, float] = field(default_factory=dict)


def main(folder: Path) -> Measured:
    measured = Measured()
    documents = {size: make_document(folder / f"{size}.pdf", *CASES[size]) for size in SIZES}
    document = documents["30 KB"]
    with house(folder, f"sqlite:///{folder}/cectrust.db", document) as opened, _keys(opened), _worker(opened) as tsa:
        _sign(opened, tsa)  # the first pays for what later ones find warm
        for size in SIZES:
            opened.document = documents[size]
            found = [_sign_measured(opened, tsa, measured, size) for _ in range(ROUNDS[size])]
            measured.parts[size] = {name: median(one[name] for one in found) for name in found[0]}
        opened.document = document
        measured.pages = pages(opened, _concluded(opened, tsa))
    return measured


def _sign_measured(opened: House, tsa: Timed, measured: Measured, size: str) -> dict[str, float]:
    found: dict[str, float] = {}
    measured.memory[size] = peak_memory(lambda: found.update(_sign(opened, tsa)))
    return found


def _sign(opened: House, tsa: Timed) -> dict[str, float]:
    """Register, prepare, accept, and wait for the seal: the sender's signature."""
    contract = opened.register()
    return _sign_as(opened, tsa, opened.sender, contract.id)


def _sign_as(opened: House, tsa: Timed, person: Person, contract_id: str) -> dict[str, float]:
    started = time.perf_counter()
    request = opened.request(person, contract_id)
    result = person.result(request, opened.origin)
    prepared, spent, calls = time.perf_counter(), tsa.milliseconds, tsa.calls
    service.accept(person.actor, opened.platform, request.batch_id, result)
    accepted = time.perf_counter()
    _await_seal(opened, request.id)
    sealed = time.perf_counter()
    return {
        "request": (prepared - started) * 1000,
        "accept": (accepted - prepared) * 1000,
        "work": (sealed - accepted) * 1000,
        "accept to sealed": (sealed - prepared) * 1000,
        "of which TSA": tsa.milliseconds - spent,
        "TSA calls": tsa.calls - calls,
    }


def _await_seal(opened: House, request_id: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with opened.platform.reading() as work:
            found = store.request_by_id(work.session, request_id)
        if found is not None and found.state in (RequestState.COMPLETED, RequestState.FAILED):
            assert found.state is RequestState.COMPLETED, found.failure_ja
            return
        time.sleep(0.002)
    raise AssertionError("not sealed in time")


def _concluded(opened: House, tsa: Timed) -> str:
    contract = opened.register()
    opened.consent(contract)
    _sign_as(opened, tsa, opened.sender, contract.id)
    opened.do(contracts.send, opened.sender.actor, contract.id)
    _sign_as(opened, tsa, opened.recipient, contract.id)
    opened.do(contracts.confirm, opened.sender.actor, contract.id)
    for name in ("journal", "log"):
        jobs(opened.platform)[name].run()
    return contract.id


@contextmanager
def _worker(opened: House) -> Iterator[Timed]:
    """The worker that `cectrust work` runs, here; without its scheduled jobs, which would be measured along."""
    platform = opened.platform
    engine.migrate(platform.database)
    assert platform.timestamper is not None
    tsa = Timed(platform.timestamper)
    opened.platform = dataclasses.replace(platform, enqueue=WorkflowQueue(platform.database), timestamper=tsa)
    worker = Worker(opened.platform, registered())
    worker.start()
    try:
        yield tsa
    finally:
        worker.stop()


@contextmanager
def _keys(opened: House) -> Iterator[None]:
    """The keys role, in a thread."""
    platform: Platform = opened.platform
    settings = platform.settings
    make_keys(settings.keys_directory)
    keyring = Keyring(settings.keys_directory, settings.server.base_url, settings.keys.request_key_days)
    role = KeysRole(keyring, platform.database, platform.clock, settings.log_origin, Orders(platform.clock))
    with KeysServer(settings.keys_socket, role) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    print(json.dumps(dataclasses.asdict(main(Path(sys.argv[1])))))
