"""Findings about paired servers: reached, verified, the same, at the same time of day."""

from __future__ import annotations

import pytest
from cectrust_bridge.doctor import servers
from cectrust_bridge.doctor.finding import State
from doctor_house import Computer, among
from pairing_site import DESCRIPTION, Authority, PairingSite, served
from tokens import BRIDGE_IDENTITY, SERVER_IDENTITY, jwk

GOOD, BAD = State.GOOD, State.BAD


def pair(pc: Computer, site: PairingSite) -> None:
    pc.pair({**site.facts(), "user_hint": "髙﨑 𠮷乃", "identity_key": jwk(SERVER_IDENTITY)})


def test_a_paired_server_on_this_computer_is_reached_and_has_the_same_clock(pc: Computer, site: PairingSite) -> None:
    pair(pc, site)
    findings = servers.reached(pc.around)
    assert [each.code for each in findings] == ["tls.loopback", "server.same", "clock.right"]
    assert {each.state for each in findings} == {GOOD}
    assert "髙﨑" not in str(findings)


def test_a_server_with_another_identity_is_an_impostor(pc: Computer, site: PairingSite) -> None:
    pair(pc, site)
    site.identity = BRIDGE_IDENTITY
    among(servers.reached(pc.around), "server.other", BAD)


def test_a_log_in_page_in_the_servers_place_is_told(pc: Computer, site: PairingSite) -> None:
    pair(pc, site)
    site.replies[DESCRIPTION] = lambda _: (200, {"Content-Type": "text/html"}, b"<h1>Wi-Fi</h1>")
    among(servers.reached(pc.around), "server.strange", BAD)


def test_a_server_that_is_gone_is_told(pc: Computer, site: PairingSite) -> None:
    pair(pc, site)
    site.http.shutdown()
    site.http.server_close()
    among(servers.reached(pc.around), "server.unreachable", BAD)


def by_tls(
    pc: Computer, authority: Authority, host: str = "localhost", days: int = 1, trusted: bool = True
) -> set[str]:
    """The codes that a server with such a certificate gets."""
    if trusted:
        pc.configure(more=f'[network]\nca_file = "{authority.file}"\n')
    with served(PairingSite(authority.server(host, days))) as site:
        pair(pc, site)
        findings = servers.reached(pc.around)
        # Nothing is asked of a server that is not verified.
        assert bool(site.requests) == (findings[0].code in ("tls.private", "tls.trusted"))
    assert {each.facts["issuer"] for each in findings if "issuer" in each.facts} <= {"試験用認証局"}
    return {each.code for each in findings}


def test_an_authority_that_somebody_added_is_named(pc: Computer, authority: Authority) -> None:
    """As an inspecting proxy's, which the company put into the computer's trust."""
    assert by_tls(pc, authority) == {"tls.private", "server.same", "clock.right"}


def test_an_authority_that_came_with_the_system_is_not_remarked_upon(
    pc: Computer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    pc.write("/usr/share/ca-certificates/mozilla/Test.crt", authority.file.read_bytes())
    assert by_tls(pc, authority, trusted=False) == {"tls.trusted", "server.same", "clock.right"}


def test_a_certificate_that_is_not_believed_says_why_and_whose_it_is(pc: Computer, authority: Authority) -> None:
    assert by_tls(pc, authority, trusted=False) == {"tls.untrusted"}
    assert by_tls(pc, authority, days=-1) == {"tls.dates"}
    assert by_tls(pc, authority, host="keiyaku.example.jp") == {"tls.name"}
