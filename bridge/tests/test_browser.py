"""The browser client in real Chromium against the real bridge; what each failure is called (T22)."""

from __future__ import annotations

import base64
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bridge_house import PIN, House, SoftToken
from driver import Server, document
from running import free_port
from site_server import Site, served

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with served() as site:
        yield site


@pytest.fixture(scope="module")
def web_house(tmp_path_factory: pytest.TempPathFactory, site: Site, filled_token: SoftToken) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("web")
    house = House(folder, filled_token.copy(folder / "token"), f"http://localhost:{site.port}")
    house.person.pin = PIN
    site.server = house.server
    yield house
    house.bridge.stop()


CONNECT = "(more) => outcome(async () => (await client.connect({...options, ...more})).port)"
SIGN = """
async ({pdf, claims, ports}) => outcome(async () => {
  const bridge = await client.connect({...options, ports});
  const {certificates} = await bridge.listCertificates(await signed(bridge, "cert.list"));
  const chosen = certificates.find(({key_type}) => key_type === "ec");
  await bridge.hello();
  const sign = {...claims, cert_sha256: chosen.sha256, mechanism: chosen.mechanisms[0], format: "pades"};
  const phases = new Set();
  const request = await signed(bridge, "sign", sign);
  const [results, again] = [[], []];
  const onProgress = ({phase}) => phases.add(phase);
  const report = await bridge.sign(request, [bytes(pdf)], {onProgress, onResult: (one) => results.push(one)});
  await bridge.hello();
  const resuming = await signed(bridge, "sign.resume", {jti: report.jti});
  await bridge.resume(resuming, {onResult: (one) => again.push(one)});
  const acknowledged = await bridge.acknowledge(report.jti);
  bridge.close();
  return {results, again, report, acknowledged, phases: [...phases]};
})
"""


def test_a_page_lists_signs_resumes_and_acknowledges(web_house: House, open_page: Open, pdf: bytes) -> None:
    page = open_page()
    given = {
        "ports": [web_house.bridge.port],
        "pdf": base64.b64encode(pdf).decode(),
        "claims": {"docs": [document(pdf)]},
    }
    done = page.evaluate(SIGN, given)
    assert "ok" in done, done
    assert web_house.server.check_result(done["ok"]["report"])["signed"] == ["doc-1"]
    assert web_house.server.check_result(done["ok"]["results"][0])["document"]["id"] == "doc-1"
    assert done["ok"]["again"] == done["ok"]["results"]
    assert done["ok"]["acknowledged"]["acknowledged"]
    assert done["ok"]["phases"] == ["receiving", "checking", "consent", "pin", "signing"]


def test_an_error_of_the_bridge_keeps_its_name(web_house: House, open_page: Open, pdf: bytes) -> None:
    web_house.person.forget()
    web_house.person.pin = "00000000"
    given = {
        "ports": [web_house.bridge.port],
        "pdf": base64.b64encode(pdf).decode(),
        "claims": {"docs": [document(pdf)]},
    }
    done = open_page().evaluate(SIGN, given)
    web_house.person.pin = PIN
    assert done["code"] == "pin_incorrect"
    assert done["data"]["ja"].startswith("PINが違います。")


ABORT = """
({pdf, docs, ports}) => outcome(async () => {
  const bridge = await client.connect({...options, ports});
  const {certificates} = await bridge.listCertificates(await signed(bridge, "cert.list"));
  const chosen = certificates[0];
  await bridge.hello();
  const claims = {docs, cert_sha256: chosen.sha256, mechanism: chosen.mechanisms[0], format: "pades"};
  const abort = new AbortController();
  const onProgress = ({phase}) => { if (phase === "consent") abort.abort(); };
  return bridge.sign(await signed(bridge, "sign", claims), [bytes(pdf)], {onProgress, abort: abort.signal});
})
"""


def test_the_page_can_cancel(web_house: House, open_page: Open, pdf: bytes) -> None:
    web_house.person.forget()
    web_house.person.consent = None
    given = {"ports": [web_house.bridge.port], "pdf": base64.b64encode(pdf).decode(), "docs": [document(pdf)]}
    done = open_page().evaluate(ABORT, given)
    web_house.person.consent = "yes"
    assert done["code"] == "user_cancelled"


BROKEN_OFF = """
({way, pdf, docs, ports}) => outcome(async () => {
  const bridge = await client.connect({...options, ports});
  const {certificates} = await bridge.listCertificates(await signed(bridge, "cert.list"));
  const chosen = certificates[0];
  const claims = {docs, cert_sha256: chosen.sha256, mechanism: chosen.mechanisms[0], format: "pades"};
  const abort = new AbortController();
  async function* unreachable() { throw new TypeError("document"); }
  const documents = way === "a document cannot be fetched" ? unreachable() : [bytes(pdf)];
  await bridge.hello();
  const signing = bridge.sign(await signed(bridge, "sign", claims), documents, {abort: abort.signal});
  if (way === "the person leaves while it begins") abort.abort();
  const why = await signing.catch((error) => error.message);
  await bridge.hello();
  bridge.close();
  return why;
})
"""


@pytest.mark.parametrize(
    ("way", "why"),
    [("a document cannot be fetched", "document"), ("the person leaves while it begins", "user_cancelled")],
)
def test_a_signing_that_never_came_to_the_person_gives_the_desk_back(
    web_house: House, open_page: Open, pdf: bytes, way: str, why: str
) -> None:
    given = {"ports": [web_house.bridge.port], "pdf": base64.b64encode(pdf).decode(), "docs": [document(pdf)]}
    assert open_page().evaluate(BROKEN_OFF, {"way": way, **given}) == {"ok": why}


def test_T22_no_bridge_is_called_bridge_absent(web_house: House, open_page: Open) -> None:
    assert open_page().evaluate(CONNECT, {"ports": [free_port()]})["code"] == "bridge_absent"


def test_T22_another_origin_is_called_not_paired(web_house: House, open_page: Open) -> None:
    page = open_page(host="127.0.0.1")
    assert page.evaluate(CONNECT, {"ports": [web_house.bridge.port]})["code"] == "not_paired"


def test_T22_a_port_that_never_answers_is_called_bridge_silent(web_house: House, open_page: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        given = {"ports": [squatter.getsockname()[1]], "openTimeout": 300, "probeTimeout": 300}
        assert open_page().evaluate(CONNECT, given)["code"] == "bridge_silent"


def test_T22_a_bridge_the_server_does_not_know_is_called_wrong_bridge(
    web_house: House, open_page: Open, site: Site
) -> None:
    site.server = Server({**web_house.server.bridge, "jwk": web_house.server.pairing()["identity_key"]}, "x")
    done = open_page().evaluate(CONNECT, {"ports": [web_house.bridge.port]})
    site.server = web_house.server
    assert done["code"] == "wrong_bridge"


def public(site: Site) -> str:
    """Makes Chromium take the page's address for a public one, so that it guards the loopback address."""
    return f"--ip-address-space-overrides=127.0.0.1:{site.port}=public"


def test_T22_permission_denied_is_told_apart(web_house: House, open_page: Open, site: Site) -> None:
    page = open_page(public(site))
    given = {"ports": [web_house.bridge.port], "mayPrompt": True}
    assert page.evaluate(CONNECT, given)["code"] == "permission_denied", "headless Chromium answers Block"


def test_T22_permission_ignored_is_told_apart(web_house: House, open_page: Open, site: Site, display: str) -> None:
    page = open_page(public(site), display=display)
    assert page.evaluate("() => client.permissionState()") == "prompt"
    given = {"ports": [web_house.bridge.port], "promptTimeout": 1500, "mayPrompt": True}
    assert page.evaluate(CONNECT, given)["code"] == "permission_ignored"


def test_T22_permission_granted_connects(web_house: House, open_page: Open, site: Site) -> None:
    page = open_page(public(site), prepare=lambda context: context.grant_permissions(["local-network-access"]))
    assert page.evaluate(CONNECT, {"ports": [web_house.bridge.port]}) == {"ok": web_house.bridge.port}


RAW = """
([address]) => new Promise((resolve) => {
  const socket = new WebSocket(address, "cectrust-bridge.v1");
  socket.onopen = () => resolve("open");
  socket.onclose = () => resolve("closed");
})
"""


def test_a_rebound_name_does_not_reach_the_bridge(web_house: House, open_page: Open) -> None:
    port = web_house.bridge.port
    page = open_page("--host-resolver-rules=MAP evil.test 127.0.0.1")
    assert page.evaluate(RAW, [f"ws://127.0.0.1:{port}/"]) == "open"
    assert page.evaluate(RAW, [f"ws://evil.test:{port}/"]) == "closed"
    rebound = open_page("--host-resolver-rules=MAP evil.test 127.0.0.1", host="evil.test")
    assert rebound.evaluate(RAW, [f"ws://evil.test:{port}/"]) == "closed"
    assert rebound.evaluate(RAW, [f"ws://127.0.0.1:{port}/"]) == "closed"


FRAME = """
(attributes) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
  window.onmessage = ({data}) => resolve(data);
  document.body.append(frame);
})
"""


@pytest.mark.parametrize("allow", [{}, {"allow": "loopback-network *; local-network-access *"}])
def test_a_sandboxed_frame_has_no_origin_and_is_refused(
    web_house: House, open_page: Open, allow: dict[str, str]
) -> None:
    script = f"""<script>
      const socket = new WebSocket("ws://127.0.0.1:{web_house.bridge.port}/", "cectrust-bridge.v1");
      socket.onopen = () => parent.postMessage("open", "*");
      socket.onclose = () => parent.postMessage("closed", "*");
    </script>"""
    page = open_page()
    assert page.evaluate(FRAME, {"srcdoc": script}) == "open"
    assert page.evaluate(FRAME, {"sandbox": "allow-scripts", "srcdoc": script, **allow}) == "closed"


EMBED = """
([address, allow]) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: address, allow, onload: resolve });
  document.body.append(frame);
})
"""


LENT = "loopback-network *; local-network-access *"


@pytest.mark.parametrize(("allow", "state"), [("", "denied"), (LENT, "prompt")])
def test_a_foreign_page_must_lend_its_frames_the_permission_before_the_user_is_asked(
    web_house: House, open_page: Open, site: Site, allow: str, state: str
) -> None:
    """Granted by the test driver the permission would be a frame's in any case, so here nobody grants it."""
    page = open_page(public(site), host="127.0.0.1")
    page.evaluate(EMBED, [f"http://localhost:{site.port}/", allow])
    framed = page.frames[1]
    asked = "async () => (await navigator.permissions.query({name: 'loopback-network'})).state"
    assert framed.evaluate(asked) == state
    assert framed.evaluate(RAW, [f"ws://127.0.0.1:{web_house.bridge.port}/"]) == "closed"


def test_a_foreign_frame_is_refused_by_the_bridge_although_the_browser_lets_it_through(
    web_house: House, open_page: Open, site: Site
) -> None:
    page = open_page(public(site), prepare=lambda context: context.grant_permissions(["local-network-access"]))
    page.evaluate(EMBED, [f"http://127.0.0.1:{site.port}/", LENT])
    assert page.evaluate(RAW, [f"ws://127.0.0.1:{web_house.bridge.port}/"]) == "open"
    assert page.frames[1].evaluate(RAW, [f"ws://127.0.0.1:{web_house.bridge.port}/"]) == "closed"
