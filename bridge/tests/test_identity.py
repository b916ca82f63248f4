"""The bridge's key: whole or not there, one for all who ask at once, and made anew only where none can be lost."""

from __future__ import annotations

import json
import logging
import subprocess
from pathlib import Path

import pytest
from cectrust_bridge.formats import durable
from cectrust_bridge.pairing.identity import load_or_create
from running import BRIDGE


@pytest.mark.parametrize("empty", [False, True])
def test_processes_that_start_at_once_get_one_key(tmp_path: Path, empty: bool) -> None:
    if empty:
        (tmp_path / "identity.pem").touch(mode=0o600)
    command = [*BRIDGE, "identity", "--profile", str(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
    told = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * 4, told
    assert len({json.loads(out)["bridge_id"] for out, _ in told}) == 1
    assert [path.name for path in tmp_path.glob("*identity*")] == ["identity.pem"]


def test_an_empty_file_left_by_a_crash_is_no_key_and_gets_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "identity.pem"
    path.touch(mode=0o600)
    with caplog.at_level(logging.WARNING):
        made = load_or_create(path)
    assert "identity.pem was empty" in caplog.text
    assert load_or_create(path).bridge_id == made.bridge_id
    assert path.stat().st_mode & 0o777 == 0o600


def test_half_a_key_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "identity.pem"
    load_or_create(path)
    half = path.read_bytes()[:100]
    path.write_bytes(half)
    with pytest.raises(ValueError, match="delete it and pair again"):
        load_or_create(path)
    assert path.read_bytes() == half, "what may still be saved is not touched"


def test_a_new_file_replaces_none_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    durable.write_new(path, b"first")
    with pytest.raises(FileExistsError):
        durable.write_new(path, b"second")
    durable.write(tmp_path / "other", b"third")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"key": b"first", "other": b"third"}
    assert path.stat().st_mode & 0o777 == 0o600
