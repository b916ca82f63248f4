"""Forged requests, and requests without end: each with the code it is answered with."""

from __future__ import annotations

import contextlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from bridge_house import House
from cectrust_bridge.transport.connection import MAX_CALLS
from driver import Page, PageError, Server, b64, compact, document, unb64
from test_messages import closed_with

Params = dict[str, str]
Certificate = dict[str, Any]


@pytest.fixture
def certificate(page: Page) -> Certificate:
    return next(each for each in page.certificates() if each["key_type"] == "ec")


def rewritten(params: Params, **header: str) -> tuple[str, str]:
    """The head of the request with another header, and its payload."""
    head, payload, _ = params["request"].split(".")
    return f"{b64(compact({**json.loads(unb64(head)), **header}))}.{payload}", params["request_key"]


def unsigned(server: Server, cn: str) -> Params:
    signed, certificate = rewritten(server.request(cn, "token.list"), alg="none")
    return {"request": f"{signed}.", "request_key": certificate}


def keyed_with_the_public_key(server: Server, cn: str) -> Params:
    """The classic confusion: HMAC with what everybody knows."""
    signed, certificate = rewritten(server.request(cn, "token.list"), alg="HS256")
    secret = compact(server.pairing()["identity_key"])
    return {"request": f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}", "request_key": certificate}


def of_another_server(server: Server, cn: str) -> Params:
    return Server(server.bridge, server.origin).request(cn, "token.list")


def by_another_key(server: Server, cn: str) -> Params:
    """The paired server's certificate with another's signature."""
    other = Server(server.bridge, server.origin)
    return {**other.request(cn, "token.list"), "request_key": server.certified_key()}


def altered(server: Server, cn: str) -> Params:
    params = server.request(cn, "token.list")
    head, payload, signature = params["request"].split(".")
    claims = {**json.loads(unb64(payload)), "op": "cert.list"}
    return {**params, "request": f"{head}.{b64(compact(claims))}.{signature}"}


def saying(**claims: Any) -> Callable[[Server, str], Params]:
    return lambda server, cn: server.request(claims.get("cn", cn), "token.list", **without_cn(claims))


def without_cn(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name != "cn"}


def of_another_operation(server: Server, cn: str) -> Params:
    return server.request(cn, "cert.list")


FORGERIES: dict[str, tuple[Callable[[Server, str], Params], int]] = {
    "alg none": (unsigned, -32003),
    "HMAC with the public key": (keyed_with_the_public_key, -32003),
    "an unpaired kid": (of_another_server, -32003),
    "the wrong key": (by_another_key, -32003),
    "claims changed after the signature": (altered, -32003),
    "longer than 120 seconds": (saying(iat=1_000_000, exp=1_000_121), -32003),
    "another operation's": (of_another_operation, -32003),
    "another issuer": (saying(iss="https://evil.example"), -32002),
    "another bridge": (saying(aud="A" * 43), -32002),
    "another origin": (saying(origin="https://evil.example"), -32006),
    "another connection": (saying(cn="A" * 43), -32005),
    "before the request key began": (saying(iat=1_000_000, exp=1_000_100), -32004),
}


@pytest.mark.parametrize(("forge", "code"), FORGERIES.values(), ids=FORGERIES)
def test_a_forged_request_is_refused_with_its_code_and_nobody_is_asked(
    house: House, page: Page, forge: Callable[[Server, str], Params], code: int
) -> None:
    page.hello()
    with pytest.raises(PageError) as error:
        page.call("token.list", **forge(house.server, page.cn))
    assert error.value.code == code
    assert house.person.transcript == ""
    assert page.call("token.list", **house.server.request(page.cn, "token.list"))["tokens"], "all else was right"


def test_a_page_that_asks_and_never_waits_is_cut_off(page: Page) -> None:
    page.hello()
    call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "cert.list", "params": {"request": "", "request_key": ""}})
    octets = call.encode()
    frame = bytes([0x81, 0x80 | len(octets), 0, 0, 0, 0]) + octets
    page.socket.socket.sendall(frame * (MAX_CALLS + 2))
    assert closed_with(page) == 1008


def test_a_second_request_cannot_slip_under_an_open_question(
    house: House,
    page: Page,
    certificate: Certificate,
    pdf: bytes,
) -> None:
    house.person.forget()
    house.person.consent = None
    jti = page.begin(certificate, [document(pdf)])
    page.send_bytes(pdf)
    confirm = page.start("sign.confirm", jti=jti)
    house.person.wait_for("sign? [yes/no]")
    with contextlib.closing(house.page()) as other, pytest.raises(PageError) as error:
        other.begin(certificate, [document(pdf, title="別の契約書")])
    assert error.value.code == -32007
    house.person.say("no")
    with pytest.raises(PageError, match="user_cancelled"):
        page.answer(confirm)
    assert "別の契約書" not in house.person.transcript
