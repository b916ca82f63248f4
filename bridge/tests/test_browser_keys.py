"""A key made, certified and signed with from a page: the browser client in real Chromium against a real token."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bridge_house import PIN, House, SoftToken
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from driver import b64, document, unb64
from site_server import Site, served
from test_keys import SUBJECT, certify
from test_signing import check_signature


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@pytest.fixture(scope="module")
def blank_house(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[House]:
    """A bridge with one empty token."""
    folder = tmp_path_factory.mktemp("web-keys")
    token = SoftToken(folder / "token", "髙﨑のトークン")
    token.initialise(token.label)
    house = House(folder, token, f"http://localhost:{site.port}", poll_seconds=1)
    house.person.pin = PIN
    site.server = house.server
    yield house
    house.bridge.stop()


REQUEST = """
({ports, subject}) => outcome(async () => {
  const bridge = await client.connect({...options, ports});
  const {tokens} = await bridge.listTokens(await signed(bridge, "token.list"));
  const [{module, serial, model}] = tokens;
  const token = {module, serial, model};
  await bridge.hello();
  const wanted = {type: "p256", label: "髙﨑 𠮷乃", change_pin: false};
  const key = await bridge.generateKey(await signed(bridge, "key.generate", {token, key: wanted}));
  await bridge.hello();
  const csr = {key_id: key.key_id, subject};
  const made = await bridge.createRequest(await signed(bridge, "csr.create", {token, csr}));
  bridge.close();
  return {token, key, made};
})
"""
STORE = """
({ports, token, certificate}) => outcome(async () => {
  const bridge = await client.connect({...options, ports});
  const order = await signed(bridge, "cert.import", {token, import: {certificate, chain: []}});
  const stored = await bridge.importCertificate(order);
  bridge.close();
  return stored;
})
"""
SIGN = """
({ports, pdf, docs, sha256}) => outcome(async () => {
  const bridge = await client.connect({...options, ports});
  const {certificates} = await bridge.listCertificates(await signed(bridge, "cert.list"));
  const chosen = certificates.find((each) => each.sha256 === sha256);
  await bridge.hello();
  const claims = {docs, cert_sha256: sha256, mechanism: chosen.mechanisms[0], format: "pades"};
  const results = [];
  const onResult = (one) => results.push(one);
  const report = await bridge.sign(await signed(bridge, "sign", claims), [bytes(pdf)], {onResult});
  await bridge.acknowledge(report.jti);
  bridge.close();
  return {report, results};
})
"""


def done(outcome: dict[str, Any]) -> Any:
    assert "ok" in outcome, outcome
    return outcome["ok"]


def test_a_page_has_a_key_made_certified_stored_and_signs_with_it(
    blank_house: House, open_page: Callable[..., Any], pdf: bytes
) -> None:
    page, ports = open_page(), [blank_house.bridge.port]
    asked = done(page.evaluate(REQUEST, {"ports": ports, "subject": SUBJECT}))
    key, made = (blank_house.server.check_result(asked[name]) for name in ("key", "made"))
    csr = x509.load_der_x509_csr(unb64(made["csr"]))
    spki = csr.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert (spki, made["key_id"]) == (unb64(key["public_key"]), key["key_id"])
    der = certify(csr, rsa.generate_private_key(65537, 2048))
    given = {"ports": ports, "token": asked["token"], "certificate": b64(der)}
    stored = blank_house.server.check_result(done(page.evaluate(STORE, given)))
    signing = {"pdf": base64.b64encode(pdf).decode(), "docs": [document(pdf)], "sha256": stored["cert_sha256"]}
    signed = done(page.evaluate(SIGN, {"ports": ports, **signing}))
    assert blank_house.server.check_result(signed["report"])["failure"] is None
    check_signature(der, blank_house.server.check_result(signed["results"][0])["document"])


LISTEN = """
({ports}) => outcome(async () => {
  const bridge = await client.connect({...options, ports});
  window.changes = 0;
  bridge.onTokensChanged(() => (window.changes += 1));
  await bridge.listTokens(await signed(bridge, "token.list"));
  window.bridge = bridge;
})
"""


def test_a_page_hears_that_tokens_changed_and_that_the_connection_ended_but_not_after_close(
    blank_house: House, open_page: Callable[..., Any]
) -> None:
    page, ports = open_page(), [blank_house.bridge.port]
    done(page.evaluate(LISTEN, {"ports": ports}))
    assert page.evaluate("changes") == 0
    tokens = blank_house.token.folder / "tokens"
    tokens.rename(tokens.with_name("pulled"))
    tokens.mkdir()
    page.wait_for_function("changes === 1")
    tokens.rmdir()
    tokens.with_name("pulled").rename(tokens)
    page.wait_for_function("changes === 2")
    page.evaluate("bridge.close()")
    assert page.evaluate("changes") == 2
    done(page.evaluate(LISTEN, {"ports": ports}))
    blank_house.bridge.stop()
    page.wait_for_function("changes === 1")
