"""A process that is asked to end, ends, however badly the signal is timed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# The kernel may hand the signal to any thread. The main one, asleep, is not woken by that. Once the kernel says that it
# sleeps it does so in its wait: since nobody takes the GIL from it, there is nothing else on the way to sleep in.
ANOTHER_THREAD = """
import os, select, signal, sys, threading, time
from pathlib import Path
from cectrust.ending import Ending

waits, wait = threading.Event(), select.select

def waiting(*sets):
    waits.set()
    return wait(*sets)

def ask():
    waits.wait()
    state = Path("/proc/self/task", str(os.getpid()), "stat")
    while state.read_text().rpartition(")")[2].split()[0] != "S":
        time.sleep(0.001)
    signal.pthread_kill(threading.get_ident(), signal.{name})
    time.sleep(600)

sys.setswitchinterval(60)
select.select = waiting
ending = Ending()
threading.Thread(target=ask, daemon=True).start()
ending.wait()
print("ended")
"""
BEFORE_IT_WAITS = """
import os, signal
from cectrust.ending import Ending

ending = Ending()
os.kill(os.getpid(), signal.{name})
ending.wait()
print("ended")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("code", [ANOTHER_THREAD, BEFORE_IT_WAITS], ids=["another_thread", "before_it_waits"])
def test_no_signal_is_slept_through(code: str, name: str) -> None:
    command = [sys.executable, "-c", code.format(name=name)]
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": os.environ["PATH"]}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "ended\n", "")
