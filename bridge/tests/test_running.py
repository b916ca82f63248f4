"""The tests' own bridge leaves no process behind, whatever it does, and a child that ends is no failure."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import running
from proc import children_of, words_of
from running import RunningBridge

LISTENING = "import sys, time; print(' listening on 127.0.0.1:1', file=sys.stderr, flush=True);"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {LISTENING} time.sleep(600)"


def test_a_bridge_that_never_listens_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "STARTING", 0.1)
    started: list[subprocess.Popen[bytes]] = []

    class Remembered(subprocess.Popen[bytes]):
        def __init__(self, *given: object, **more: object) -> None:
            super().__init__(*given, **more)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Remembered)
    with pytest.raises(AssertionError):
        RunningBridge(tmp_path, {}, command=[sys.executable, "-c", "import time; time.sleep(600)"])
    assert [each.poll() for each in started] == [-signal.SIGKILL]


def test_a_bridge_that_does_not_end_is_ended_and_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bridge = RunningBridge(tmp_path, {}, command=[sys.executable, "-c", STUBBORN])
    monkeypatch.setattr(running, "ENDING", 0.1)
    with pytest.raises(subprocess.TimeoutExpired):
        bridge.stop()
    assert bridge.process.poll() == -signal.SIGKILL


def test_a_process_that_has_ended_has_no_words_and_no_children() -> None:
    with subprocess.Popen(["true"]) as ended:
        pass
    assert (any(words_of(ended.pid)), children_of(ended.pid)) == (False, [])
