"""What scripts in real Chromium can do to the real bridge: injected on the paired origin, foreign, or squatting."""

from __future__ import annotations

import base64
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from bridge_house import House
from cectrust_bridge.transport.front import bind
from driver import Page, document
from malicious import Dumb, RebindingProxy, Squatter, squatting
from site_server import Site
from test_browser import CONNECT, RAW, Open, site, web_house

__all__ = ["site", "web_house"]  # fixtures

ASK = """
([port, calls]) => new Promise((resolve) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, "cectrust-bridge.v1"), answers = [];
  const hello = ["hello", {min: 1, max: 1, challenge: "A".repeat(43)}];
  const queue = [hello, ...calls];
  const next = () => {
    const [method, params] = queue[answers.length];
    socket.send(JSON.stringify({jsonrpc: "2.0", id: answers.length, method, params}));
  };
  socket.onopen = next;
  socket.onmessage = ({data}) => {
    const message = JSON.parse(data);
    if (!("id" in message)) return;
    answers.push(message.error ? message.error.code : "ok");
    if (answers.length < queue.length) next(); else { socket.close(); resolve(answers.slice(1)); }
  };
})
"""
INJECTED = "x.y.z"
TRIES: dict[str, tuple[str, dict[str, Any], object]] = {
    "pair with my server": ("pair", {"address": "https://evil.example", "code": "0"}, -32601),
    "start a pairing": ("pairing.start", {"address": "https://evil.example"}, -32601),
    "unpair": ("unpair", {}, -32601),
    "set how long the person is asked": ("config.set", {"consent_seconds": 1}, -32601),
    "sign a hash": ("sign", {"hash": "00" * 32}, -32601),
    "give the PIN": ("sign.confirm", {"jti": "x", "pin": "83610472"}, -32602),
    "have larger documents": ("sign.begin", {"request": "", "request_key": "", "max_size": 1 << 40}, -32602),
    "speak no JWS": ("sign.begin", {"request": INJECTED, "request_key": INJECTED}, -32003),
    "list without the server": ("cert.list", {}, -32602),
    "read another tab's result": ("sign.resume", {"jti": "OTHER"}, -32602),
    "read it with a request of its own": ("sign.resume", {"request": INJECTED, "request_key": INJECTED}, -32003),
    "delete another tab's result": ("sign.ack", {"jti": "OTHER"}, -32040),
    "confirm what it did not begin": ("sign.confirm", {"jti": "OTHER"}, -32040),
    "cancel another's": ("sign.cancel", {"jti": "OTHER"}, -32040),
}


@contextlib.contextmanager
def other_tab(house: House) -> Iterator[Page]:
    """An honest page of the same origin."""
    with contextlib.closing(Page(house.server, house.bridge.port, house.server.origin)) as page:
        yield page


def test_a_script_on_the_paired_page_gets_nothing_that_the_server_did_not_sign(
    web_house: House, open_page: Open, pdf: bytes
) -> None:
    with other_tab(web_house) as tab:
        jti = tab.sign(tab.certificates()[0], [pdf])["jti"]
        web_house.person.forget()
        calls = [(method, params | ({"jti": jti} if "jti" in params else {})) for method, params, _ in TRIES.values()]
        answers = open_page().evaluate(ASK, [web_house.bridge.port, calls])
        assert dict(zip(TRIES, answers, strict=True)) == {name: code for name, (_, _, code) in TRIES.items()}
        assert web_house.person.transcript == "", "nobody was asked anything"
        assert tab.call("sign.ack", jti=jti)["acknowledged"], "the other tab's result is still there"


INJECT = """
async ({sent, docs, alter, ports}) => outcome(async () => {
  const bridge = await client.connect({...options, ports});
  const {certificates} = await bridge.listCertificates(await signed(bridge, "cert.list"));
  const {sha256, mechanisms} = certificates[0];
  await bridge.hello();
  const claims = {docs, cert_sha256: sha256, mechanism: mechanisms[0], format: "pades"};
  const request = await signed(bridge, "sign", claims);
  if (alter) {
    const [head, payload, signature] = request.request.split(".");
    const said = JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/")));
    const text = btoa(JSON.stringify({...said, ...alter})).replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=/g, "");
    request.request = [head, text, signature].join(".");
  }
  return bridge.sign(request, [bytes(sent)], () => {});
})
"""


def injected(house: House, page: Any, pdf: bytes, **more: Any) -> str:
    """The outcome of a script that has the server sign a request and does its own with it."""
    docs = [document(pdf, title="Contract", partner="Otsu", currency="JPY")]
    given = {
        "docs": docs,
        "sent": base64.b64encode(more.pop("sent", pdf)).decode(),
        "alter": None,
        "ports": [house.bridge.port],
    } | more
    return str(page.evaluate(INJECT, given).get("code", "signed"))


def test_an_injected_script_changes_nothing_of_what_the_server_signed(
    web_house: House, open_page: Open, pdf: bytes
) -> None:
    page = open_page()
    web_house.person.forget()
    other_bytes = pdf.replace(b"595 842", b"595 843")
    assert injected(web_house, page, pdf, sent=other_bytes) == "hash_mismatch"
    assert injected(web_house, page, pdf, alter={"exp": 4_000_000_000}) == "bad_request_signature"
    assert (
        injected(web_house, page, pdf, alter={"docs": [document(other_bytes, title="B", partner="C")]})
        == "bad_request_signature"
    )
    assert "sign?" not in web_house.person.transcript


def test_what_an_injected_script_has_signed_is_named_as_the_server_names_it_and_needs_the_person(
    web_house: House, open_page: Open, pdf: bytes
) -> None:
    page = open_page()
    web_house.person.forget()
    web_house.person.consent = "no"
    assert injected(web_house, page, pdf) == "user_cancelled"
    web_house.person.consent = "yes"
    assert "claimed title: Contract" in web_house.person.transcript
    assert f"origin: {web_house.server.origin}" in web_house.person.transcript
    assert "PIN for" not in web_house.person.transcript


FETCHES = """
async ([address]) => {
  const call = JSON.stringify({jsonrpc: "2.0", id: 1, method: "env.check", params: {}});
  const tries = [{}, {mode: "no-cors"}, {method: "POST", body: call}, {method: "POST", body: call, mode: "no-cors"}];
  const outcomes = [];
  for (const options of tries) {
    try {
      const answer = await fetch(address, options);
      outcomes.push(`${answer.type} ${answer.status} ${(await answer.text()).length}`);
    } catch (error) { outcomes.push(error.name); }
  }
  return outcomes;
}
"""


def test_a_page_without_the_handshake_reads_nothing(web_house: House, open_page: Open) -> None:
    web_house.person.forget()
    address = f"http://127.0.0.1:{web_house.bridge.port}/"
    for host in ("localhost", "127.0.0.1"):
        done = open_page(host=host).evaluate(FETCHES, [address])
        assert set(done) <= {"TypeError", "opaque 0 0"}, "paired or not"
    assert web_house.person.transcript == ""


SAME_ORIGIN = "async () => { const a = await fetch('/'); return `${a.status} ${(await a.text()).length}`; }"


def test_a_name_that_is_rebound_to_this_computer_reaches_nothing(web_house: House, open_page: Open, site: Site) -> None:
    proxy, port = RebindingProxy(site.port), web_house.bridge.port
    page = open_page(f"--proxy-server=socks5://127.0.0.1:{proxy.own_port}", host="evil.test")
    page.goto(f"http://evil.test:{port}/")
    assert page.evaluate(SAME_ORIGIN).startswith("200 "), "the attacker's own machine"
    proxy.port = port
    assert page.evaluate(SAME_ORIGIN) == "403 0", "the same origin, now the bridge"
    assert page.evaluate(RAW, [f"ws://evil.test:{port}/"]) == "closed"
    proxy.close()


def test_a_squatter_on_the_bridges_port_hears_a_hello_and_nothing_else(web_house: House, open_page: Open) -> None:
    squatter = Squatter(web_house.server.bridge["bridge_id"])
    with squatting(squatter) as port:
        page = open_page()
        assert page.evaluate(CONNECT, {"ports": [port]})["code"] == "wrong_bridge"
        assert page.evaluate(CONNECT, {"ports": [port, web_house.bridge.port]}) == {"ok": web_house.bridge.port}
    assert set(squatter.heard) == {"hello"}


SENSELESS = {
    "silence": [],
    "no JSON": ["hello"],
    "no object": ["7"],
    "octets": [b"hello"],
    "neither result nor error": ['{"jsonrpc": "2.0", "id": ID}'],
    "an empty error": ['{"jsonrpc": "2.0", "id": ID, "error": null}'],
}


@pytest.mark.parametrize("words", SENSELESS.values(), ids=SENSELESS)
def test_a_squatter_that_makes_no_sense_is_not_waited_for_where_another_port_has_the_bridge(
    web_house: House, open_page: Open, words: list[str | bytes]
) -> None:
    with squatting(Dumb(*words)) as port:
        patient = {"ports": [port, web_house.bridge.port], "helloTimeout": 300, "callTimeout": 600_000}
        assert open_page().evaluate(CONNECT, patient) == {"ok": web_house.bridge.port}


def test_a_bridge_whose_port_is_squatted_takes_the_next(web_house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter, socket.create_server(("127.0.0.1", 0)) as left:
        free = left.getsockname()[1]
        left.close()
        with bind([squatter.getsockname()[1], free]) as taken:
            assert taken.getsockname()[1] == free
