"""TLS to a server that is being paired: verified by the system's or a configured authority, direct or tunnelled."""

from __future__ import annotations

import socket
import threading

import pytest
from cectrust_bridge.pairing import errors
from cectrust_bridge.profile.folder import Profile, ProfileError
from cectrust_bridge.service import ceremony as act
from pairing_site import CODE, Authority, PairingSite, refusal, served


def trusting(profile: Profile, authority: Authority) -> None:
    (profile.folder / "config.toml").write_text(f'[network]\nca_file = "{authority.file}"\n')


def test_tls_under_an_authority_that_the_configuration_names(profile: Profile, authority: Authority) -> None:
    trusting(profile, authority)
    with served(PairingSite(authority.server("localhost"))) as site:
        assert act.pair(profile, site.origin, CODE).issuer == site.origin


@pytest.mark.parametrize(
    ("host", "days", "trusted"),
    [("localhost", 1, False), ("keiyaku.example.jp", 1, True), ("127.0.0.1", 1, True), ("localhost", -1, True)],
    ids=["unknown authority", "another name", "an address instead of the name", "expired"],
)
def test_tls_that_does_not_verify_sends_nothing(
    profile: Profile, authority: Authority, host: str, days: int, trusted: bool
) -> None:
    if trusted:
        trusting(profile, authority)
    with served(PairingSite(authority.server(host, days))) as site:
        assert refusal(profile, site.origin) is errors.CertificateRefused
        assert site.requests == []


def test_plain_http_behind_an_https_address_is_unreachable(profile: Profile, site: PairingSite) -> None:
    assert refusal(profile, site.origin.replace("http", "https")) is errors.ServerUnreachable


def test_nobody_listens(profile: Profile) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = f"http://localhost:{gone.getsockname()[1]}"
    assert refusal(profile, address) is errors.ServerUnreachable


def test_a_configured_proxy_is_a_tunnel_and_sees_only_tls(profile: Profile, authority: Authority) -> None:
    asked: list[bytes] = []
    with served(PairingSite(authority.server("localhost"))) as site, socket.create_server(("127.0.0.1", 0)) as proxy:
        trusting(profile, authority)
        with (profile.folder / "config.toml").open("a") as file:
            file.write(f'proxy = "127.0.0.1:{proxy.getsockname()[1]}"\n')
        thread = threading.Thread(target=_tunnel, args=[proxy, site.http.server_address[1], asked, 2])
        thread.start()
        act.pair(profile, site.origin, CODE)
        thread.join()
    assert [line.split()[:2] for line in asked] == [[b"CONNECT", site.origin.removeprefix("https://").encode()]] * 2


def _tunnel(proxy: socket.socket, port: int, asked: list[bytes], times: int) -> None:
    for _ in range(times):
        connection, _ = proxy.accept()
        with connection, socket.create_connection(("127.0.0.1", port)) as onward:
            asked.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_pump, args=[onward, connection])
            back.start()
            _pump(connection, onward)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while octets := source.recv(65536):
            target.sendall(octets)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


@pytest.mark.parametrize(
    "table", ["ca_file = 'a.pem'", "proxy = 'http://proxy:8080'", "proxy = 'proxy'", "proxy = 1", "verify = false"]
)
def test_a_wrong_network_setting_is_named(profile: Profile, table: str) -> None:
    (profile.folder / "config.toml").write_text(f"[network]\n{table}\n")
    with pytest.raises(ProfileError, match="network"):
        profile.settings()
