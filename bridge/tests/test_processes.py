"""The bridge's own processes: the renderer is confined, and a terminal shows no PIN."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from bridge_house import PIN, House
from cectrust_bridge.display import host, visible
from cectrust_bridge.processes.channel import Channel, ChannelClosed
from driver import Page, PageError, document
from running import BRIDGE, free_port, port_in


def test_the_renderer_has_no_network_no_spare_descriptors_and_bounded_memory(
    house: House, page: Page, pdf: bytes
) -> None:
    house.person.forget()
    chosen = page.certificates()[0]
    house.person.consent = None
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    [pid] = house.bridge.children("renderer")
    process = Path(f"/proc/{pid}")
    limits = {line[:26].strip(): line[26:].split()[0] for line in (process / "limits").read_text().splitlines()}
    assert (limits["Max address space"], limits["Max file size"]) == (str(1 << 30), "0")
    assert limits["Max processes"] == "0"
    if os.getuid() == 0:  # others may not look there; test_confinement becomes one of them
        assert (process / "ns/net").readlink() != Path("/proc/self/ns/net").readlink()
    sockets = [link.readlink() for link in (process / "fd").iterdir() if "socket:" in str(link.readlink())]
    assert len(sockets) == 1, "its channel and nothing else"
    house.person.say("yes")
    assert page.answer(confirm)["signed"]


def read_until(descriptor: int, text: bytes, seen: bytes = b"") -> bytes:
    while text not in seen:
        seen += os.read(descriptor, 4096)
    return seen


@pytest.fixture
def terminal_bridge(own_house: House) -> Iterator[tuple[Page, int]]:
    """A bridge at a pty: a page connected to it, and the terminal's other end."""
    own_house.bridge.stop()
    mine, theirs = pty.openpty()
    log = own_house.bridge.profile / "pty.log"
    place = ["--profile", str(own_house.bridge.profile), "--port", str(free_port())]
    command = [*BRIDGE, "run", *place, "--prompter", "terminal"]
    with log.open("wb") as errors:
        bridge = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=errors, env=own_house.token.environment)
    try:
        page = Page(own_house.server, port_in(log, bridge))
        yield page, mine
        page.close()
    finally:
        bridge.kill()
        bridge.wait(20)
        os.close(mine)
        os.close(theirs)


def test_a_terminal_asks_signs_and_never_echoes_the_pin(terminal_bridge: tuple[Page, int], pdf: bytes) -> None:
    page, terminal = terminal_bridge
    page.hello()
    listing = page.start("cert.list", **page.server.request(page.cn, "cert.list"))
    seen = read_until(terminal, b"allow? [yes/no] ")
    os.write(terminal, b"yes\n")
    chosen = page.answer(listing)["certificates"][0]
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    seen += read_until(terminal, b"sign? [yes/no] ")
    os.write(terminal, b"yes\n")
    seen += read_until(terminal, f"PIN for {chosen['token']['label']}: ".encode())
    os.write(terminal, PIN.encode() + b"\n")
    assert page.answer(confirm)["signed"]
    seen += read_until(terminal, b"=== DONE: signed 1 ===")
    assert PIN.encode() not in seen


def test_a_terminal_lists_many_with_totals_and_shows_the_pages_of_one_on_request(
    house: House, page: Page, pdf: bytes
) -> None:
    chosen = page.certificates()[0]
    house.person.forget()
    house.person.consent = None
    jti = page.begin(chosen, [document(pdf, number) for number in (1, 2, 3)])
    for _ in range(3):
        page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    assert "claimed amount: 33,000,000 JPY" in house.person.transcript
    assert "--- page" not in house.person.transcript
    house.person.say("show 2")
    house.person.wait_for("--- page 1/1 of")
    house.person.say("show 4")
    with pytest.raises(PageError, match="user_cancelled"):
        page.answer(confirm)


def test_a_profile_others_can_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    done = subprocess.run([*BRIDGE, "run", "--profile", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "may be changed by others" in done.stderr


@pytest.mark.parametrize(
    "config", ["fake = true", '[[pkcs11]]\nname = "x"\npath = "relative.so"', "consent_seconds = 0", "["]
)
def test_a_wrong_configuration_stops_the_bridge_with_a_sentence(tmp_path: Path, config: str) -> None:
    profile = tmp_path / "profile"
    profile.mkdir(0o700)
    (profile / "config.toml").write_text(config)
    done = subprocess.run([*BRIDGE, "run", "--profile", str(profile)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cectrust-bridge: config.toml: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_message_between_processes_is_an_end_not_a_crash() -> None:
    import socket

    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"\xff" * 64)
        with pytest.raises(ChannelClosed):
            Channel(ours).receive()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("髙﨑𠮷 葛\U000e0100城", "髙﨑𠮷 葛\U000e0100城"),
        ("a\u202eb\u2066\u200b\ufeff", "a‹U+202E›b‹U+2066›‹U+200B›‹U+FEFF›"),
        ("\x00\x1b[31m\n", "‹U+0000›‹U+001B›[31m‹U+000A›"),
        ("\u3164\u2800", "‹U+3164›‹U+2800›"),
    ],
)
def test_characters_that_hide_or_reorder_are_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_host_is_shown_in_punycode() -> None:
    assert host("https://xn--wgv71a119e.jp:8443") == "xn--wgv71a119e.jp"
