"""What renders foreign documents speaks to nobody and starts nothing, whoever's user it runs as."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import byterange_cases
import pytest
from cectrust_bridge.documents import renderer
from cectrust_bridge.documents.errors import NotConfined
from cectrust_bridge.processes import seccomp
from cectrust_bridge.processes.channel import Channel, Message

NOBODY = 65534
USERS = [
    "own",
    pytest.param("nobody", marks=pytest.mark.skipif(os.getuid() != 0, reason="becoming another user takes root")),
]
BECOME = f"""
import os, sys
from cectrust_bridge.documents import rendering
import PIL.Image
if sys.argv[1] == "nobody":
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
"""
"""Imports first: the other user may not be let into the folders of these programs."""
TRY = """
import ctypes, json, socket
from cectrust_bridge.processes.sandbox import confine
parent, path = int(sys.argv[2]), sys.argv[3]
libc = ctypes.CDLL(None, use_errno=True)
held = confine()

def outcome(act):
    try:
        return act() or "done"
    except OSError as error:
        return type(error).__name__

def call(name, *arguments):
    if getattr(libc, name)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), name)

tried = {
    "unix": lambda: socket.socket(socket.AF_UNIX).connect(path),
    "inet": lambda: socket.socket(socket.AF_INET).connect(("127.0.0.1", 9)),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "ptrace": lambda: call("ptrace", 16, parent, None, None),
    "kill": lambda: os.kill(parent, 0),
    "io_uring": lambda: call("syscall", 425, 1, ctypes.create_string_buffer(256)),
    "namespace": lambda: call("unshare", 0x10000000),
}
print(json.dumps({"confined": held, **{name: outcome(act) for name, act in tried.items()}}))
"""
SERVE = """
import socket
from cectrust_bridge.processes.channel import Channel
rendering.main(Channel(socket.socket(fileno=int(sys.argv[2]))))
"""


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Path]:
    """A socket that is a file and open to everybody, as a session's bus or display is to its user."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    path = tmp_path / "bus"
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(path))
        path.chmod(0o777)
        bus.listen()
        yield path


@pytest.mark.parametrize("user", USERS)
def test_what_is_confined_reaches_no_socket_no_program_and_no_process(user: str, listening: Path) -> None:
    command = [sys.executable, "-c", BECOME + TRY, user, str(os.getpid()), str(listening)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    outcomes = json.loads(done.stdout)
    assert outcomes.pop("confined") is True
    assert {name for name, outcome in outcomes.items() if outcome != "PermissionError"} == set()


@pytest.mark.parametrize("user", USERS)
def test_a_confined_renderer_still_renders(user: str, tmp_path: Path) -> None:
    pdf = tmp_path / "prepared.pdf"
    pdf.write_bytes(byterange_cases.prepared())
    with started_as(user) as (process, channel):
        assert channel.receive().fields == {"confined": True}
        assert re.search(r"^Seccomp:\s*2$", Path(f"/proc/{process.pid}/status").read_text(), re.M)
        assert asked(channel, pdf, {"do": "open"}).fields["pages"] == 1
        page = asked(channel, pdf, {"do": "page", "page": 0, "scale": 1.0, "width": None})
    assert page.fields["pixels"] == hashlib.sha256(page.blob).hexdigest()
    assert len(page.blob) == 595 * 842 * 3


@contextlib.contextmanager
def started_as(user: str) -> Iterator[tuple[subprocess.Popen[bytes], Channel]]:
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    channel.set_timeout(60)
    command = [sys.executable, "-c", BECOME + SERVE, user, str(theirs.fileno())]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()]) as process, theirs, contextlib.closing(channel):
        theirs.close()
        try:
            yield process, channel
        finally:
            process.kill()


def asked(channel: Channel, pdf: Path, command: dict[str, Any]) -> Message:
    with pdf.open("rb") as document:
        channel.send({**command, "document": 0}, descriptors=[document.fileno()])
        return channel.receive()


class Unconfined:
    """A renderer process that nothing holds."""

    def __init__(self, _: str) -> None:
        self.ended = False

    async def receive(self, _: float) -> Message:
        return Message({"confined": False})

    def kill(self) -> None:
        self.ended = True

    close = kill


def test_no_document_is_shown_to_a_renderer_that_could_not_be_confined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "Child", Unconfined)
    free = renderer.Renderer()
    with pytest.raises(NotConfined) as error:
        asyncio.run(free.start())
    assert (error.value.code, free._child.ended) == (-32028, True)  # type: ignore[attr-defined]


def judged(program: bytes, architecture: int, number: int) -> int:
    """What the kernel would answer to this call: an interpreter of the five instructions that the filter has."""
    steps, at, loaded = list(struct.iter_unpack("=HBBI", program)), 0, 0
    while True:
        code, if_true, if_false, value = steps[at]
        if code == seccomp.RETURN:
            return int(value)
        if code == seccomp.LOAD:
            loaded, jump = {4: architecture, 0: number}[value], 0
        else:
            holds = loaded == value if code == seccomp.JUMP_IF_EQUAL else loaded >= value
            jump = if_true if holds else if_false
        at += 1 + jump


@pytest.mark.parametrize("machine", list(seccomp.MACHINES))
def test_the_filter_of_each_machine_refuses_what_it_lists_and_nothing_else(machine: str) -> None:
    architecture, calls = seccomp.MACHINES[machine]
    program = seccomp.program(machine)
    refused = {number for number in range(600) if judged(program, architecture, number) != seccomp.ALLOW}
    assert refused == set(calls.values())
    assert judged(program, architecture, seccomp.X32_BIT | 41) != seccomp.ALLOW
    assert judged(program, architecture ^ 1, 0) == seccomp.KILL


def test_a_machine_without_known_numbers_has_no_filter() -> None:
    with pytest.raises(NotImplementedError):
        seccomp.program("pdp11")
