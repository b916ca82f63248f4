"""The bridge pairs with whom the code vouches for and nobody else; hostile servers get nothing."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ceremony_cases as ceremony
import pytest
from cectrust_bridge import errors
from cectrust_bridge.formats import jose
from cectrust_bridge.pairing import errors as pairing_errors
from cectrust_bridge.pairing import http, messages, model
from cectrust_bridge.profile.folder import Profile
from cectrust_bridge.requests import request
from cectrust_bridge.service import ceremony as act
from pairing_site import CODE, DESCRIPTION, HINT, JSON, PAIRINGS, PairingSite, Reply, refusal, served
from test_vectors import load
from tokens import BRIDGE_IDENTITY, STRANGER, jwk


def json_reply(value: Any, status: int = 200) -> Callable[[Any], Reply]:
    return lambda _: (status, JSON, json.dumps(value).encode())


def test_a_pairing_pins_what_the_code_vouched_for(profile: Profile, site: PairingSite) -> None:
    found = act.pair(profile, f"{site.origin}/bridges?x=1", CODE, name="経理部の髙﨑さんのPC")
    assert (found.issuer, found.user_hint, found.registration) == (site.origin, HINT, ceremony.REGISTRATION)
    assert profile.pairings() == {site.origin: found}
    assert [path.stat().st_mode & 0o777 for path in (profile.folder / "servers").iterdir()] == [0o600]
    _, sent = site.requests[-1]
    assert (sent["jwk"], sent["name"]) == (profile.identity().jwk, "経理部の髙﨑さんのPC")


def test_nothing_of_the_code_crosses_the_wire_or_stays_on_disk(profile: Profile, site: PairingSite) -> None:
    act.pair(profile, site.origin, CODE)
    said = json.dumps(site.requests) + "".join(
        path.read_text("latin-1") for path in profile.folder.rglob("*") if path.is_file()
    )
    secrets = (ceremony.CODE, ceremony.to_server(ceremony.CODE), ceremony.to_bridge(ceremony.CODE))
    spellings = [form for secret in secrets for form in (secret.hex(), jose.b64url(secret))]
    assert not [form for form in (*spellings, CODE, CODE.replace("-", "")) if form in said]


def test_a_mistyped_code_sends_nothing(profile: Profile, site: PairingSite) -> None:
    assert refusal(profile, site.origin, f"{CODE[1]}{CODE[0]}{CODE[2:]}") is pairing_errors.CodeMistyped
    assert site.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://keiyaku.example.jp",
        "ftp://localhost",
        "https://user@localhost",
        "https://a b",
        "https://x:99999",
        "https://",
    ],
)
def test_what_is_no_address_is_refused(profile: Profile, address: str) -> None:
    assert refusal(profile, address) is pairing_errors.AddressRefused


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("keiyaku.example.jp", "https://keiyaku.example.jp"),
        (" HTTPS://Keiyaku.Example.JP:443/bridges ", "https://keiyaku.example.jp"),
        ("ｈｔｔｐｓ：／／ｋｅｉｙａｋｕ．ｅｘａｍｐｌｅ．ｊｐ", "https://keiyaku.example.jp"),
        ("https://電子契約.example", "https://xn--wts59bu53duyv.example"),
        ("http://localhost:8710/", "http://localhost:8710"),
        ("http://[::1]:8710", "http://[::1]:8710"),
    ],
)
def test_an_address_as_people_type_it(typed: str, origin: str) -> None:
    assert http.origin_of(typed) == origin


HOSTILE: dict[str, tuple[str, Callable[[PairingSite], Callable[[Any], Reply]], type[Exception]]] = {
    "MAC stripped": (PAIRINGS, lambda site: _without_mac(site), pairing_errors.ServerNotProven),
    "MAC of another code": (PAIRINGS, lambda site: _by_other_code(site), pairing_errors.ServerNotProven),
    "its own key in the answer": (
        PAIRINGS,
        lambda site: lambda sent: site.sealed(sent, identity_key=jwk(STRANGER)),
        pairing_errors.ServerNotProven,
    ),
    "the request itself as answer": (
        PAIRINGS,
        lambda _: lambda sent: (201, JSON, json.dumps(sent).encode()),
        pairing_errors.ServerNotProven,
    ),
    "code unknown": (PAIRINGS, lambda _: json_reply({"code": "pairing_code_unknown"}, 422), pairing_errors.CodeUnknown),
    "code used": (PAIRINGS, lambda _: json_reply({"code": "pairing_code_used"}, 409), pairing_errors.CodeUsed),
    "code expired": (PAIRINGS, lambda _: json_reply({"code": "pairing_code_expired"}, 409), pairing_errors.CodeExpired),
    "wait": (PAIRINGS, lambda _: json_reply({"code": "too_many_requests"}, 429), pairing_errors.TooManyTries),
    "a refusal of its own invention": (PAIRINGS, lambda _: json_reply({"code": []}, 422), pairing_errors.NotCectrust),
    "out of order": (PAIRINGS, lambda _: json_reply({}, 503), pairing_errors.ServerUnreachable),
    "a redirection": (
        DESCRIPTION,
        lambda site: lambda _: (302, {**JSON, "Location": f"{site.origin}/elsewhere"}, b"{}"),
        pairing_errors.NotCectrust,
    ),
    "a redirection of the request": (
        PAIRINGS,
        lambda site: lambda _: (307, {**JSON, "Location": f"{site.origin}/elsewhere"}, b"{}"),
        pairing_errors.NotCectrust,
    ),
    "a huge answer": (DESCRIPTION, lambda _: lambda _: (200, JSON, b" " * 70_000), pairing_errors.NotCectrust),
    "a page": (
        DESCRIPTION,
        lambda _: lambda _: (200, {"Content-Type": "text/html"}, b"p"),
        pairing_errors.NotCectrust,
    ),
    "deep JSON": (DESCRIPTION, lambda _: lambda _: (200, JSON, b"[" * 60_000), pairing_errors.NotCectrust),
    "invalid UTF-8": (DESCRIPTION, lambda _: lambda _: (200, JSON, b'{"v": "\xff"}'), pairing_errors.NotCectrust),
    "another version": (DESCRIPTION, lambda _: json_reply({"v": 2}), pairing_errors.BridgeOutdated),
    "another address": (
        DESCRIPTION,
        lambda site: json_reply({**site.facts(), "origins": ["https://elsewhere.example"]}),
        pairing_errors.NotCectrust,
    ),
    "a header without end": (
        DESCRIPTION,
        lambda _: lambda _: (200, {**JSON, "X": "x" * 70_000}, b"{}"),
        pairing_errors.NotCectrust,
    ),
}


def _without_mac(site: PairingSite) -> Callable[[Any], Reply]:
    def reply(sent: dict[str, Any]) -> Reply:
        status, headers, body = site.sealed(sent)
        return status, headers, json.dumps({**json.loads(body), "mac": ""}).encode()

    return reply


def _by_other_code(site: PairingSite) -> Callable[[Any], Reply]:
    site.code = ceremony.OTHER_CODE
    return site.sealed


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_is_refused_by_its_own_error_and_never_pinned(
    profile: Profile, site: PairingSite, name: str
) -> None:
    path, hostile, error = HOSTILE[name]
    site.replies[path] = hostile(site)
    assert refusal(profile, site.origin) is error
    assert profile.pairings() == {}
    assert "/elsewhere" not in [path for path, _ in site.requests]


def test_a_server_that_drips_is_left_when_the_time_is_over(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each octet comes in time, all of them never would."""
    monkeypatch.setattr(http, "ALL_SECONDS", 0.5)
    stop = threading.Event()

    def drip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=drip, args=[listening])
        thread.start()
        error = refusal(profile, f"http://localhost:{listening.getsockname()[1]}")
        stop.set()
        thread.join()
    assert error in (pairing_errors.ServerUnreachable, pairing_errors.NotCectrust)


def test_a_proxy_of_the_surroundings_is_not_asked(
    profile: Profile, site: PairingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert act.pair(profile, site.origin, CODE).issuer == site.origin


def test_a_server_that_changed_its_identity_key_must_be_unpaired_first(profile: Profile, site: PairingSite) -> None:
    before = act.pair(profile, site.origin, CODE)
    site.identity = STRANGER
    site.requests.clear()
    assert refusal(profile, site.origin) is pairing_errors.IdentityChanged
    assert profile.pairings() == {site.origin: before}
    assert [path for path, _ in site.requests] == [DESCRIPTION], "the code is not spent on it"
    act.unpair(profile, site.origin)
    assert act.pair(profile, site.origin, CODE).identity != before.identity


def test_a_request_of_a_server_with_another_identity_key_says_what_to_do() -> None:
    """Same code for the page as any bad signature; the sentence is for the person."""
    case = next(case for case in load("request.json")["cases"] if case["accept"])
    known = {**load("request.json")["context"], **case}
    circumstances = request.Circumstances(
        **{name: known[name] for name in ("method", "origin", "bridge_id", "cn", "age", "wall")},
        used=set(),
        pairing=replace(model.parse(known["pairing"]), identity_key=BRIDGE_IDENTITY.public_key()),
    )
    with pytest.raises(errors.ServerIdentityChanged) as refused:
        request.verify(case["request"], case["request_key"], circumstances)
    assert (refused.value.code, refused.value.name) == (-32003, "bad_request_signature")
    assert "登録し直してください" in refused.value.as_json()["data"]["ja"]


def test_pairing_again_replaces_the_file_and_asks_for_the_list_anew(profile: Profile, site: PairingSite) -> None:
    old = act.pair(profile, site.origin, CODE)
    profile.remember_listing(old, site.origin)
    site.replies[PAIRINGS] = lambda sent: site.sealed(sent, user_hint="髙﨑 𠮷乃", registration="f" * 32)
    new = act.pair(profile, site.origin, CODE)
    assert (profile.pairings(), new.user_hint) == ({site.origin: new}, "髙﨑 𠮷乃")


def test_two_servers_cannot_share_an_address(profile: Profile, site: PairingSite) -> None:
    act.pair(profile, site.origin, CODE)
    site.replies[DESCRIPTION] = json_reply({**site.facts(), "issuer": "another"})
    assert refusal(profile, site.origin) is pairing_errors.OriginTaken


def test_leaving_tells_the_server_and_forgets_the_consent(profile: Profile, site: PairingSite) -> None:
    found = act.pair(profile, site.origin, CODE)
    profile.remember_listing(found, site.origin)
    done = act.unpair(profile, site.origin)
    path, message = site.requests[-1]
    assert (done.not_told, path) == (None, "/signing/pairings/removals")
    plain = {name: value for name, value in message.items() if name != "signature"}
    assert plain["registration"] == ceremony.REGISTRATION
    octets = b"cectrust-pairing-removal-v1\0" + ceremony.compact(plain)
    jose.Token({}, {}, octets, jose.from_b64url(message["signature"], 64)).verify(profile.identity().key.public_key())
    assert (profile.pairings(), profile.may_list(found, site.origin)) == ({}, False)


def test_leaving_a_server_that_is_gone_is_told_so(profile: Profile) -> None:
    with served(PairingSite()) as site:
        act.pair(profile, site.origin, CODE)
    done = act.unpair(profile, site.origin)
    assert (type(done.not_told), profile.pairings()) == (pairing_errors.ServerUnreachable, {})


def test_leaving_a_server_that_was_paired_by_file_cannot_be_told(profile: Profile, site: PairingSite) -> None:
    file = {**site.facts(), "user_hint": HINT}
    (profile.folder / "servers" / "demo.json").write_text(json.dumps(file))
    assert type(act.unpair(profile, site.origin).not_told) is pairing_errors.RemovalNotKnown
    assert (profile.pairings(), site.requests) == ({}, [])


def test_leaving_whom_one_never_met(profile: Profile) -> None:
    with pytest.raises(pairing_errors.NoSuchServer):
        act.unpair(profile, "https://keiyaku.example.jp")


@pytest.mark.parametrize("wish", ["PC\u202e1", "\x00", "   ", "あ" * 300, "経理\n部"])
def test_the_name_of_a_computer_is_made_harmless(wish: str) -> None:
    name = messages.computer_name(wish)
    assert 1 <= len(name) <= 100
    assert name.isprintable()
    assert name == name.strip()
