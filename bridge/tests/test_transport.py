"""Who may connect, and what may be sent: every refusal of PROTOCOL.md section 1, over raw sockets."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from bridge_house import House
from cectrust_bridge.waiting import MAX_WAITING
from driver import ORIGIN, Page, b64
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

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


def connect_within(house: House, seconds: float) -> Page:
    """The bridge learns of closed sockets one by one, so an early try may still be dropped."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return house.page()
        except (OSError, InvalidHandshake):
            if time.monotonic() > deadline:
                raise


@pytest.fixture
def fresh(house: House) -> Iterator[Page]:
    page = house.page()
    page.hello()
    yield page
    page.close()


def closed_with(page: Page) -> int:
    with contextlib.suppress(ConnectionClosed):
        while True:
            page.socket.recv(15)
    assert page.socket.close_code is not None
    return page.socket.close_code


def test_a_text_longer_than_the_limit_closes_the_connection(fresh: Page) -> None:
    fresh.socket.send(json.dumps({"jsonrpc": "2.0", "id": "x" * 262144, "method": "hello", "params": {}}))
    assert closed_with(fresh) == 1009


def test_a_binary_message_longer_than_the_limit_closes_the_connection(fresh: Page) -> None:
    fresh.socket.send(bytes((1 << 20) + 1))
    assert closed_with(fresh) == 1009


def test_fragments_that_add_up_beyond_the_limit_close_the_connection(fresh: Page) -> None:
    with pytest.raises(ConnectionClosed):
        fresh.socket.send(bytes(65536) for _ in range(400))
    assert closed_with(fresh) == 1009


def test_text_that_is_not_utf8_closes_the_connection(fresh: Page) -> None:
    fresh.socket.send(b"\xff\xfe", text=True)
    assert closed_with(fresh) == 1007


def test_octets_nobody_asked_for_close_the_connection(fresh: Page) -> None:
    fresh.socket.send(b"surprise")
    assert closed_with(fresh) == 1008


def answer_to(page: Page, text: str) -> str:
    page.socket.send(text)
    answer = json.loads(page.socket.recv(10))
    return answer["error"]["message"]


HELLO = {"min": 1, "max": 1, "challenge": b64(bytes(32))}
BAD_TEXTS = {
    "not JSON": ("{", "parse_error"),
    "deep JSON": ("[" * 100_000, "parse_error"),
    "nine levels": (json.dumps([[[[[[[[[]]]]]]]]]), "parse_error"),
    "a float": ('{"jsonrpc":"2.0","id":1.5,"method":"hello","params":{}}', "parse_error"),
    "NaN": ('{"jsonrpc":"2.0","id":NaN,"method":"hello","params":{}}', "parse_error"),
    "a name twice": ('{"jsonrpc":"2.0","id":1,"id":2,"method":"hello","params":{}}', "parse_error"),
    "a lone surrogate": ('{"jsonrpc":"2.0","id":"\\ud800","method":"hello","params":{}}', "parse_error"),
    "a batch": (
        json.dumps([{"jsonrpc": "2.0", "id": 1, "method": "env.check", "params": {}}]),
        "invalid_request",
    ),
    "a notification": (
        json.dumps({"jsonrpc": "2.0", "method": "env.check", "params": {}}),
        "invalid_request",
    ),
    "another version": (
        json.dumps({"jsonrpc": "1.0", "id": 1, "method": "x", "params": {}}),
        "invalid_request",
    ),
    "an unknown method": (
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "sign", "params": {}}),
        "method_not_found",
    ),
    "an unknown parameter": (
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "sign.confirm", "params": {"jti": "x", "pin": "1"}}),
        "invalid_params",
    ),
    "no common version": (
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {**HELLO, "min": 2, "max": 3}}),
        "version",
    ),
    "a short challenge": (
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {**HELLO, "challenge": "AA"}}),
        "invalid_params",
    ),
    "confirm of nothing": (
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "sign.confirm", "params": {"jti": "x"}}),
        "no_such_request",
    ),
}


@pytest.mark.parametrize(("text", "error"), BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_bad_message_is_answered_with_its_error(fresh: Page, text: str, error: str) -> None:
    assert answer_to(fresh, text) == error
    assert fresh.call("env.check")["modules"] == [{"name": "SoftHSM2", "state": "ok"}]


def test_nothing_works_before_hello(house: House) -> None:
    page = house.page()
    call = {"jsonrpc": "2.0", "id": 1, "method": "env.check", "params": {}}
    assert answer_to(page, json.dumps(call)) == "invalid_request"
    page.close()


@pytest.mark.long
def test_a_client_that_says_no_hello_is_dropped(house: House) -> None:
    page = house.page()
    assert closed_with(page) == 1008
    page.close()
