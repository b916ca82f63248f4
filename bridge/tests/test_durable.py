"""Files that are whole or not there leave nothing beside them, whatever fails."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from bridge_house import House
from cectrust_bridge.formats import durable
from running import RunningBridge

Write = Callable[[Path, bytes], None]
SECRET = b"-----BEGIN PRIVATE KEY-----"


def failing(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("write", "place", "fails"),
    [
        (durable.write, os, "fsync"),
        (durable.write, Path, "replace"),
        (durable.write_new, os, "fsync"),
        (durable.write_new, os, "link"),
    ],
)
def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write, place: object, fails: str
) -> None:
    monkeypatch.setattr(place, fails, failing)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "identity.pem", SECRET)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_write_left_is_removed_when_the_bridge_starts(own_house: House) -> None:
    profile = own_house.bridge.profile
    own_house.bridge.stop()
    left = [folder / ".name.abcd1234.part" for folder in (profile, profile / "servers")]
    young = profile / ".name.efgh5678.part"
    for part in (*left, young):
        part.write_bytes(SECRET)
    for part in left:
        os.utime(part, (time.time() - 600,) * 2)
    own_house.bridge = RunningBridge(profile, own_house.token.environment)
    assert [part.exists() for part in (*left, young)] == [False, False, True]
    assert (profile / "identity.pem").exists()
