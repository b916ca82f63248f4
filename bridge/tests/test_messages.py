"""What may be sent once a page is connected: every refusal of PROTOCOL.md sections 1 and 2."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator

import pytest
from bridge_house import House
from driver import Page, b64
from websockets.exceptions import ConnectionClosed, InvalidHandshake


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
