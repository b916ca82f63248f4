"""Who may connect, and what may be sent: every refusal of PROTOCOL.md section 1, over raw sockets."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess

import pytest
from bridge_house import House
from cectrust_bridge.transport.waiting import MAX_WAITING
from driver import ORIGIN
from test_messages import closed_with, connect_within
from websockets.exceptions import InvalidStatus

UPGRADE = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
]
PROTOCOL = "Sec-WebSocket-Protocol: cectrust-bridge.v1"


def exchange(port: int, lines: list[str], path: str = "/") -> bytes:
    """The head of the answer to these header lines."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (part := raw.recv(4096)):
            answer += part
    return answer


def without_date(answer: bytes) -> bytes:
    return b"\r\n".join(line for line in answer.split(b"\r\n") if not line.startswith(b"Date:"))


@pytest.fixture
def port(house: House) -> int:
    return house.bridge.port


def right(port: int) -> list[str]:
    return [f"Host: 127.0.0.1:{port}", f"Origin: {ORIGIN}", PROTOCOL, *UPGRADE]


def test_a_paired_origin_connects_and_no_extension_is_agreed(port: int) -> None:
    answer = exchange(port, [*right(port), "Sec-WebSocket-Extensions: permessage-deflate"])
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Protocol: cectrust-bridge.v1" in answer
    assert b"Sec-WebSocket-Extensions" not in answer


WRONG_ORIGINS = {
    "foreign": ["Origin: https://evil.example"],
    "null": ["Origin: null"],
    "absent": [],
    "doubled": [f"Origin: {ORIGIN}", f"Origin: {ORIGIN}"],
    "doubled with a foreign one": [f"Origin: {ORIGIN}", "Origin: https://evil.example"],
    "two in one header": [f"Origin: {ORIGIN}, {ORIGIN}"],
    "suffix": [f"Origin: {ORIGIN}.evil.example"],
    "longer port": [f"Origin: {ORIGIN}0"],
    "upper case": ["Origin: HTTP://LOCALHOST:8000"],
    "trailing slash": [f"Origin: {ORIGIN}/"],
    "another scheme": ["Origin: https://localhost:8000"],
    "another port": ["Origin: http://localhost:8001"],
    "empty": ["Origin: "],
}


@pytest.mark.parametrize("origin", WRONG_ORIGINS.values(), ids=WRONG_ORIGINS)
def test_T23_any_origin_but_the_exact_paired_one_is_refused(port: int, origin: list[str]) -> None:
    answer = exchange(port, [f"Host: 127.0.0.1:{port}", *origin, PROTOCOL, *UPGRADE])
    assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "host",
    [
        [],
        ["Host: localhost:{port}"],
        ["Host: 127.0.0.1"],
        ["Host: evil.example:{port}"],
        ["Host: 127.0.0.1:{port}"] * 2,
    ],
    ids=["absent", "localhost", "without port", "rebinding", "doubled"],
)
def test_any_host_but_the_literal_address_is_refused(port: int, host: list[str]) -> None:
    lines = [line.format(port=port) for line in host]
    answer = exchange(port, [*lines, f"Origin: {ORIGIN}", PROTOCOL, *UPGRADE])
    assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "offered",
    [
        ["Sec-WebSocket-Protocol: cectrust-bridge.v2, cectrust-bridge.v1"],
        ["Sec-WebSocket-Protocol: cectrust-bridge.v1,other"],
        ["Sec-WebSocket-Protocol: other", PROTOCOL],
    ],
    ids=["before", "behind", "two headers"],
)
def test_a_page_may_offer_more_and_gets_the_one_that_is_spoken(port: int, offered: list[str]) -> None:
    answer = exchange(port, [f"Host: 127.0.0.1:{port}", f"Origin: {ORIGIN}", *offered, *UPGRADE])
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert answer.count(b"Sec-WebSocket-Protocol: ") == 1
    assert b"Sec-WebSocket-Protocol: cectrust-bridge.v1\r\n" in answer


def test_everything_refused_gets_the_very_same_answer(port: int) -> None:
    host = f"Host: 127.0.0.1:{port}"
    refused = [
        exchange(port, [host, "Origin: https://evil.example", PROTOCOL, *UPGRADE]),
        exchange(port, ["Host: evil.example", f"Origin: {ORIGIN}", PROTOCOL, *UPGRADE]),
        exchange(port, [host, f"Origin: {ORIGIN}", *UPGRADE]),
        exchange(port, [host, f"Origin: {ORIGIN}", "Sec-WebSocket-Protocol: other", *UPGRADE]),
        exchange(port, [host, f"Origin: {ORIGIN}", "Sec-WebSocket-Protocol: cectrust-bridge.v1 other", *UPGRADE]),
        exchange(port, [host, f"Origin: {ORIGIN}", "Sec-WebSocket-Protocol: cectrust-bridge.v1, b@d", *UPGRADE]),
        exchange(port, [host, f"Origin: {ORIGIN}", "Sec-WebSocket-Protocol: CECTRUST-BRIDGE.V1", *UPGRADE]),
        exchange(port, right(port), "/other"),
        exchange(port, [host, f"Origin: {ORIGIN}", PROTOCOL]),
        exchange(port, [host]),
    ]
    assert {without_date(answer) for answer in refused} == {without_date(refused[0])}
    assert refused[0].startswith(b"HTTP/1.1 403 ")
    assert refused[0].endswith(b"\r\n\r\n")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_of_this_computer_is_refused(port: int) -> None:
    script = (
        "import socket,sys; s=socket.create_connection(('127.0.0.1',int(sys.argv[1])));"
        "s.sendall(sys.stdin.buffer.read()); sys.stdout.buffer.write(s.recv(4096))"
    )
    head = "\r\n".join(["GET / HTTP/1.1", *right(port), "", ""]).encode()
    statuses = {}
    for user in (0, 65534):
        done = subprocess.run(
            ["/usr/bin/python3", "-c", script, str(port)],
            input=head,
            capture_output=True,
            user=user,
            check=True,
            cwd="/",
        )
        statuses[user] = done.stdout.split()[1]
    assert statuses == {0: b"101", 65534: b"403"}


def test_a_second_bridge_cannot_take_the_same_port(port: int) -> None:
    with socket.socket() as rival:
        rival.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            rival.bind(("127.0.0.1", port))


def test_a_slow_handshake_is_cut_off(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: 127")
        assert raw.recv(4096) == b""


def test_a_fifth_connection_of_one_origin_is_refused(house: House) -> None:
    pages = [house.page() for _ in range(4)]
    for page in pages:
        page.hello()
    with pytest.raises(InvalidStatus) as refusal:
        house.page()
    assert refusal.value.response.status_code == 503
    for page in pages:
        page.close()


def test_silent_connections_of_the_paired_page_cannot_keep_its_owner_out(house: House) -> None:
    with contextlib.ExitStack() as opened:
        silent = [opened.enter_context(contextlib.closing(house.page())) for _ in range(4)]
        owner = opened.enter_context(contextlib.closing(connect_within(house, 9)))  # before the 10 s are over
        assert owner.hello()["version"] == 1
        assert closed_with(silent[0]) == 1008
        assert owner.call("env.check")["modules"]


def test_a_flood_of_silent_sockets_pushes_out_silent_ones_and_not_the_owner(house: House) -> None:
    with contextlib.ExitStack() as opened:
        to_bridge = ("127.0.0.1", house.bridge.port)
        silent = [opened.enter_context(socket.create_connection(to_bridge, 10)) for _ in range(MAX_WAITING + 20)]
        page = opened.enter_context(contextlib.closing(house.page()))
        assert page.hello()["version"] == 1
        assert [each for each in silent[:20] if is_open(each)] == []


def is_open(connection: socket.socket) -> bool:
    """Waits for its end; a bridge that has pushed it out aborts it."""
    with contextlib.suppress(ConnectionResetError):
        return connection.recv(1) != b""
    return False


def test_frames_behind_a_handshake_that_was_not_answered_end_the_connection(port: int) -> None:
    head = "\r\n".join(["GET / HTTP/1.1", *right(port), "", ""]).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(head + b"\x81\x80\0\0\0\0" * 2000)
        assert not is_open(raw)
