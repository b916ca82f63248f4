"""The one way out goes only where it may, and comes back in time, whoever is on the other side."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest

from cectrust.outbound.address import Address, authority, is_public
from cectrust.outbound.client import HttpClient
from cectrust.sdk.errors import Forbidden, Unavailable
from tests.support.tls import server_context
from tests.support.wire import Script, answer, drip, raw, serving

NONE: frozenset[str] = frozenset()


class Resolver:
    """Answers with addresses one after the other, like a name server of an attacker (DNS rebinding)."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, _host: str, _port: int) -> list[Address]:
        self.asked += 1
        return [ip_address(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])]


def test_an_answer_comes_back_with_status_type_and_body() -> None:
    with serving(answer(b"hello")) as server:
        got = HttpClient().get(server.url("/crl?x=1"), allowed_hosts=server.pair)
    assert (got.status, got.content_type, got.body) == (200, "text/plain", b"hello")
    head = server.requests[0].decode()
    assert head.startswith("GET /crl?x=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in head


def test_a_post_sends_its_body_once() -> None:
    with serving(answer(b"ok")) as server:
        HttpClient().post(server.url(), b"\x30\x00", "application/ocsp-request", allowed_hosts=server.pair)
    assert [request.partition(b"\r\n\r\n")[2] for request in server.requests] == [b"\x30\x00"]
    assert b"Content-Type: application/ocsp-request\r\n" in server.requests[0]


def test_a_local_address_is_refused_unless_a_setting_names_host_and_port() -> None:
    with serving(answer(b"secret")) as server:
        for allowed in (NONE, frozenset({"127.0.0.1"}), frozenset({f"127.0.0.1:{server.port + 1}"})):
            with pytest.raises(Forbidden):
                HttpClient().get(server.url(), allowed_hosts=allowed)
        assert server.requests == []
        assert HttpClient(server.pair).get(server.url(), allowed_hosts=NONE).body == b"secret"


@pytest.mark.parametrize("hidden", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_a_name_that_resolves_to_a_local_address_is_refused(hidden: str) -> None:
    with pytest.raises(Forbidden):
        HttpClient(resolve=Resolver(hidden)).get("http://crl.example.jp/", allowed_hosts=NONE)


def test_the_name_is_asked_once_so_a_second_answer_leads_nowhere() -> None:
    with serving(answer(b"first")) as server:
        resolver = Resolver("127.0.0.1", "10.0.0.1")
        allowed = frozenset({f"tsa.example.jp:{server.port}"})
        got = HttpClient(resolve=resolver).get(server.url(host="tsa.example.jp"), allowed_hosts=allowed)
    assert (got.body, resolver.asked) == (b"first", 1)


def test_every_address_of_an_answer_is_judged() -> None:
    mixed = [ip_address("1.1.1.1"), ip_address("127.0.0.1")]
    with pytest.raises(Forbidden):
        HttpClient(resolve=lambda _host, _port: mixed).get("http://crl.example.jp/", allowed_hosts=NONE)


def test_a_redirect_is_handed_back_and_not_followed() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n"
    with serving(answer(b"", head)) as server:
        assert HttpClient().get(server.url(), allowed_hosts=server.pair).status == 302
    assert len(server.requests) == 1


def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answer(b"proxy")) as proxy, serving(answer(b"direct")) as server:
        monkeypatch.setenv("http_proxy", proxy.url())
        assert HttpClient().get(server.url(), allowed_hosts=server.pair).body == b"direct"
    assert proxy.requests == []


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(drip(b"", b"H", 0.05), id="status line"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.05), id="headers"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b".", 0.05), id="body"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\n\r\n", b".", 0.05), id="body without length"),
        pytest.param(drip(b"", b"", 0.05), id="silence"),
    ],
)
def test_a_slow_answer_is_cut_off_at_the_deadline(script: Script) -> None:
    """Each byte comes long before the deadline, and the answer never ends: nothing else can cut it off."""
    with serving(script) as server, pytest.raises(Unavailable, match="outbound_slow"):
        HttpClient(seconds=0.5).get(server.url(), allowed_hosts=server.pair)


def test_a_name_server_that_is_silent_is_not_waited_for_longer_than_the_deadline() -> None:
    """The system's own resolver can't be interrupted and may take half a minute."""
    over = threading.Event()

    def silent(_host: str, _port: int) -> list[Address]:
        over.wait()
        return []

    with pytest.raises(Unavailable, match="outbound_slow"):
        HttpClient(seconds=0.2, resolve=silent).get("http://crl.example.jp/", allowed_hosts=NONE)
    over.set()


class LateTimer(threading.Timer):
    """A timer on a machine whose processors are all taken."""

    def __init__(self, interval: float, function: Callable[[], None]) -> None:
        super().__init__(interval + 0.5, function)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_slow_answer_is_called_slow_even_if_the_timer_is_late(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cectrust.outbound.client.threading.Timer", LateTimer)
    with serving(drip(b"", b"", 0.05)) as server, pytest.raises(Unavailable, match="outbound_slow"):
        HttpClient(seconds=0.2).get(server.url(scheme=scheme), allowed_hosts=server.pair)


@pytest.mark.parametrize(
    "script",
    [
        answer(b"x" * 1001),
        raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"400\r\n" + b"x" * 1024 + b"\r\n", 0.001),
    ],
)
def test_a_huge_answer_is_refused_at_the_limit(script: Script) -> None:
    with serving(script) as server, pytest.raises(Unavailable, match="outbound_too_large"):
        HttpClient(seconds=10).get(server.url(), allowed_hosts=server.pair, limit=1000)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_broken_answer_is_unavailable(bytes_sent: bytes) -> None:
    with serving(raw(bytes_sent)) as server, pytest.raises(Unavailable):
        HttpClient().get(server.url(), allowed_hosts=server.pair)


def test_nobody_listening_is_unavailable() -> None:
    with serving(answer(b"")) as server:
        pass
    with pytest.raises(Unavailable):
        HttpClient().get(server.url(), allowed_hosts=server.pair)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.jp/",
        "file:///etc/passwd",
        "http:///path",
        "http://user@example.jp/",
        "http://a:b@example.jp/",
        "http://example.jp:99999/",
        "http://example.jp:0/",
        "http://example.jp/a b",
        "http://example.jp/\r\nX: y",
        "http://example.jp\\@evil.example/",
        "http://例え.jp/",
        "example.jp",
        "",
    ],
)
def test_an_odd_address_is_refused(url: str) -> None:
    with pytest.raises(Forbidden):
        HttpClient().get(url, allowed_hosts=NONE)


def test_an_authority_always_has_its_port() -> None:
    assert authority("http://CRL.example.jp/x") == "crl.example.jp:80"
    assert authority("https://[2001:db8::1]/x") == "[2001:db8::1]:443"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("1.1.1.1", True),
        ("2606:4700::1111", True),
        ("0.0.0.0", False),  # noqa: S104 - an address to be refused
        ("100.64.0.1", False),
        ("192.168.1.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("2002:7f00:1::", False),
        ("::ffff:1.1.1.1", True),
    ],
)
def test_only_addresses_of_single_public_hosts_are_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


def test_tls_checks_the_certificate_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    context = server_context(tmp_path, "tsa.example.jp")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
    with serving(answer(b"secret"), context) as server:
        client = HttpClient(tls=trusting, resolve=Resolver("127.0.0.1"))
        for name, good in (("tsa.example.jp", True), ("other.example.jp", False)):
            url, allowed = server.url(scheme="https", host=name), frozenset({f"{name}:{server.port}"})
            if good:
                assert client.get(url, allowed_hosts=allowed).body == b"secret"
            else:
                with pytest.raises(Unavailable):
                    client.get(url, allowed_hosts=allowed)
    assert f"Host: tsa.example.jp:{server.port}".encode() in server.requests[0]


def test_tls_of_an_unknown_root_is_refused(tmp_path: Path) -> None:
    context = server_context(tmp_path, "tsa.example.jp")
    with serving(answer(b"secret"), context) as server, pytest.raises(Unavailable):
        client = HttpClient(resolve=Resolver("127.0.0.1"))
        url = server.url(scheme="https", host="tsa.example.jp")
        client.get(url, allowed_hosts=frozenset({f"tsa.example.jp:{server.port}"}))
    assert server.requests == []


def test_a_tls_handshake_that_never_ends_is_cut_off() -> None:
    with serving(drip(b"", b"\x16", 0.05)) as server, pytest.raises(Unavailable, match="outbound_slow"):
        HttpClient(seconds=0.5).get(server.url(scheme="https"), allowed_hosts=server.pair)
