"""The public log over HTTP, read by somebody who is not signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cectrust.app import create_app
from cectrust.archive.sequencer import Sequencer
from cectrust.database import metadata
from cectrust.platform import Platform
from cectrust.tlog import LocalNoteSigner, leaf_hash, open_checkpoint, split_tile
from cectrust.tlog.tiles import decode_entries
from tests.archive.conftest import ORIGIN
from tests.archive.test_sequencer import seal
from tests.conftest import ChosenClock
from tests.support import platforms
from tests.support.tsa import OpensslTimestamper

MORE = '[storage]\nstore = "file_store"\n'


@pytest.fixture
def platform(tmp_path: Path, clock: ChosenClock) -> Iterator[Platform]:
    opened = platforms.platform(tmp_path, f"sqlite:///{tmp_path}/cectrust.db", clock=clock, more=MORE)
    metadata.create_all(opened.database.engine)
    yield opened
    opened.close()


@pytest.fixture
def client(platform: Platform, log_signer: LocalNoteSigner, timestamper: OpensslTimestamper) -> FlaskClient:
    own = Sequencer(platform.database, platform.clock, platform.blobs, log_signer, timestamper, ORIGIN)
    seal(own, "C-1", "C-2", "C-3")
    own.run()
    return create_app(platform).test_client()


def test_anybody_follows_the_log(client: FlaskClient, log_signer: LocalNoteSigner) -> None:
    base = {"base_url": "http://localhost:8710"}
    head = open_checkpoint(client.get("/log/checkpoint", **base).text, [log_signer.verifier])
    hashes = split_tile(client.get("/log/tile/0/000.p/3", **base).data)
    entries = decode_entries(client.get("/log/tile/entries/000.p/3", **base).data)
    assert head.size == 3
    assert [leaf_hash(entry) for entry in entries] == list(hashes)


@pytest.mark.parametrize("path", ["/log/tile/0/001", "/log/tile/0/0", "/log/tile/../checkpoint", "/log/tile/x"])
def test_what_the_log_does_not_have_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path, base_url="http://localhost:8710").status_code == 404
