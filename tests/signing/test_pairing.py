"""The real bridge pairs with the real server over HTTP; every hostile turn of the ceremony is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge.pairing import code as pairing_code
from cectrust_bridge.pairing import errors
from cectrust_bridge.pairing import messages as pairing_messages
from cectrust_bridge.profile.folder import Profile
from cectrust_bridge.service import ceremony
from sqlalchemy import text

from cectrust.identity.service import SYSTEM
from cectrust.keys import jose
from cectrust.sdk.errors import Conflict, InputRefused, NotFound, TooManyRequests
from cectrust.signing import bridges, connections
from cectrust.signing.bridge_model import CODES_AN_HOUR
from cectrust.signing.pairing_code import shown
from cectrust.web.rates import limiter
from tests.conftest import ChosenClock
from tests.support import postgres
from tests.support.pairing_acts import acts, computers, hello, message_of, new_code, remove
from tests.support.pairing_house import COMPANY, PairingHouse, pairing_house, post


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PairingHouse]:
    folder = tmp_path_factory.mktemp("pairing")
    with ExitStack() as opened:
        socket = request.getfixturevalue("postgres_socket") if request.param == "postgresql" else ""
        url = opened.enter_context(postgres.database_of(request.param, folder, socket))
        yield opened.enter_context(pairing_house(folder, url, ChosenClock()))


@pytest.fixture
def house(running: PairingHouse) -> PairingHouse:
    """Nobody has a computer, an hour has passed, and no address has asked too often."""
    running.clock.advance(seconds=3601)
    with running.app.app_context():
        limiter.reset()
    for name in ("taro", "yoshino"):
        for bridge in computers(running, name):
            remove(running, name, bridge)
    return running


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "bridge", tmp_path / "fleet")


def test_a_bridge_pairs_is_listed_is_used_and_is_refused_once_removed(house: PairingHouse, profile: Profile) -> None:
    found = ceremony.pair(profile, house.origin, new_code(house).text, name="経理部の髙﨑さんのPC")
    assert found.user_hint == f"山田 太郎（{COMPANY}）"
    assert (found.issuer, found.origins) == (house.origin, (house.origin,))
    (listed,) = computers(house)
    assert (listed.name, listed.last_used_at, listed.registration) == ("経理部の髙﨑さんのPC", None, found.registration)
    assert listed.code_made_at == house.clock.now()
    house.clock.advance(seconds=60)
    hello(house, "taro", profile.identity())
    assert computers(house)[0].last_used_at == house.clock.now()
    remove(house, "taro", listed)
    with pytest.raises(InputRefused) as refused:
        hello(house, "taro", profile.identity())
    assert refused.value.code == "bridge_not_registered"
    assert sorted(acts(house)[:3]) == ["bridge.code_made", "bridge.paired", "bridge.removed"]


def test_a_connection_that_stood_when_the_computer_was_removed_carries_nothing_more(
    house: PairingHouse, profile: Profile
) -> None:
    ceremony.pair(profile, house.origin, new_code(house).text)
    hello(house, "taro", profile.identity())
    with house.platform.reading() as work:
        standing = work.session.execute(text("SELECT id, cn FROM signing_connections ORDER BY id DESC LIMIT 1")).one()
    assert house.platform.keys.sign_request("cert.list", standing.id, standing.cn).request
    remove(house, "taro", computers(house)[0])
    with pytest.raises(Conflict):
        house.as_person("taro", connections.verified_connection, standing.id)
    with pytest.raises(NotFound):
        house.platform.keys.sign_request("cert.list", standing.id, standing.cn)


def test_a_bridge_is_registered_for_the_code_s_user_alone(house: PairingHouse, profile: Profile) -> None:
    ceremony.pair(profile, house.origin, new_code(house, "yoshino").text)
    assert (len(computers(house, "yoshino")), computers(house, "taro")) == (1, [])
    with pytest.raises(InputRefused):
        hello(house, "taro", profile.identity())


def test_a_shared_computer_serves_two_users_and_leaves_for_both(house: PairingHouse, profile: Profile) -> None:
    for name in ("taro", "yoshino"):
        ceremony.pair(profile, house.origin, new_code(house, name).text)
        hello(house, name, profile.identity())
    assert ceremony.unpair(profile, house.origin).not_told is None
    assert (computers(house, "taro"), computers(house, "yoshino")) == ([], [])


def test_a_removed_computer_comes_back_by_a_new_code(house: PairingHouse, profile: Profile) -> None:
    ceremony.pair(profile, house.origin, new_code(house).text)
    ceremony.unpair(profile, house.origin)
    ceremony.pair(profile, house.origin, new_code(house).text)
    hello(house, "taro", profile.identity())


def test_a_code_is_good_once(house: PairingHouse, profile: Profile, tmp_path: Path) -> None:
    code = new_code(house).text
    ceremony.pair(profile, house.origin, code)
    with pytest.raises(errors.CodeUsed):
        ceremony.pair(Profile(tmp_path / "another"), house.origin, code)
    assert len(computers(house)) == 1


def test_a_code_ends_after_ten_minutes(house: PairingHouse, profile: Profile) -> None:
    code = new_code(house).text
    house.clock.advance(seconds=600)
    with pytest.raises(errors.CodeExpired):
        ceremony.pair(profile, house.origin, code)
    assert (computers(house), profile.pairings()) == ([], {})


def test_a_newer_code_ends_the_one_before(house: PairingHouse, profile: Profile) -> None:
    old, new = new_code(house).text, new_code(house).text
    with pytest.raises(errors.CodeUnknown):
        ceremony.pair(profile, house.origin, old)
    assert ceremony.pair(profile, house.origin, new)


def test_a_code_that_nobody_made(house: PairingHouse, profile: Profile) -> None:
    with pytest.raises(errors.CodeUnknown):
        ceremony.pair(profile, house.origin, shown(bytes(16)))


def test_a_replayed_request_changes_nothing(house: PairingHouse, profile: Profile) -> None:
    message = message_of(house, profile.identity(), new_code(house).text)
    assert post(house, message)[0] == 201
    before = computers(house)
    assert post(house, message) == (409, "pairing_code_used")
    assert computers(house) == before


@pytest.mark.parametrize("change", ["mac", "jwk", "name", "nonce", "possession", "identity", "origin"])
def test_a_request_changed_on_its_way_registers_nobody_and_does_not_spend_the_code(
    house: PairingHouse, profile: Profile, tmp_path: Path, change: str
) -> None:
    code = new_code(house).text
    right = message_of(house, profile.identity(), code)
    other = message_of(house, Profile(tmp_path / "attacker").identity(), code)
    changes = {"name": "PC-2", "identity": jose.encode(bytes(32)), "origin": "http://evil.localhost"}
    assert post(house, {**right, change: changes.get(change, other[change])}) == (422, "pairing_refused")
    assert computers(house) == []
    assert post(house, right)[0] == 201


def test_who_knows_the_code_s_name_only_learns_not_even_its_state(house: PairingHouse, profile: Profile) -> None:
    code = new_code(house).text
    stripped = {**message_of(house, profile.identity(), code), "mac": jose.encode(bytes(32))}
    open_answer = post(house, stripped)
    house.clock.advance(seconds=601)
    assert post(house, stripped) == open_answer


def test_of_two_bridges_with_one_code_at_once_one_is_registered(house: PairingHouse, tmp_path: Path) -> None:
    code = new_code(house).text
    messages = [message_of(house, Profile(tmp_path / name).identity(), code) for name in ("one", "two", "three")]
    together, statuses = threading.Barrier(3), []

    def try_it(message: dict[str, Any]) -> None:
        together.wait()
        statuses.append(post(house, message)[0])

    threads = [threading.Thread(target=try_it, args=[message]) for message in messages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 409, 409]
    assert len(computers(house)) == 1


def test_a_removal_that_is_repeated_after_pairing_anew_does_nothing(house: PairingHouse, profile: Profile) -> None:
    first = ceremony.pair(profile, house.origin, new_code(house).text)
    word = pairing_messages.removal(profile.identity(), first)
    ceremony.pair(profile, house.origin, new_code(house).text)
    assert post(house, word, "/signing/pairings/removals") == (422, "pairing_unknown")
    assert len(computers(house)) == 1


def test_nobody_removes_another_one_s_computer(house: PairingHouse, profile: Profile, tmp_path: Path) -> None:
    found = ceremony.pair(profile, house.origin, new_code(house).text)
    word = pairing_messages.removal(profile.identity(), found)
    forged = {**word, "signature": Profile(tmp_path / "attacker").identity().sign(b"cectrust-pairing-removal-v1\0")}
    assert post(house, forged, "/signing/pairings/removals") == (422, "pairing_refused")
    with pytest.raises(NotFound):
        house.as_person("yoshino", bridges.remove, profile.identity().bridge_id)
    assert len(computers(house)) == 1


def test_a_company_id_registers_a_computer_to_log_in_with(house: PairingHouse, profile: Profile) -> None:
    ceremony.pair(profile, house.origin, new_code(house, "company").text)
    hello(house, "company", profile.identity())
    (listed,) = computers(house, "company")
    remove(house, "company", listed)
    assert computers(house, "company") == []


def test_nobody_makes_codes_without_end(house: PairingHouse) -> None:
    for _ in range(CODES_AN_HOUR):
        new_code(house)
    with pytest.raises(TooManyRequests):
        new_code(house)
    house.clock.advance(seconds=3601)
    assert new_code(house)


def test_an_address_that_asks_too_often_waits(house: PairingHouse, profile: Profile) -> None:
    statuses = [post(house, {})[0] for _ in range(31)]
    assert statuses == [422] * 30 + [429]
    with pytest.raises(errors.TooManyTries):
        ceremony.pair(profile, house.origin, new_code(house).text)


def test_the_database_holds_neither_a_code_nor_its_keys(house: PairingHouse) -> None:
    code = pairing_code.decode(new_code(house).text)
    keys = pairing_code.keys(code)
    with house.platform.reading() as work:
        row = work.session.execute(text("SELECT * FROM signing_pairing_codes ORDER BY id DESC LIMIT 1")).one()
    kept = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    secrets = (code, keys.lookup, keys.to_server, keys.to_bridge)
    assert not [secret for secret in secrets if secret in kept or secret.hex().encode() in kept]


def test_another_identity_key_of_the_server_is_refused_by_a_paired_bridge(
    house: PairingHouse, profile: Profile
) -> None:
    ceremony.pair(profile, house.origin, new_code(house).text)
    (file,) = (profile.folder / "servers").glob("*.json")
    pinned = json.loads(file.read_text())
    file.write_text(json.dumps({**pinned, "identity_key": profile.identity().jwk}))
    with pytest.raises(errors.IdentityChanged):
        ceremony.pair(profile, house.origin, new_code(house).text)


def test_the_administrator_registers_again_whom_a_user_removed(house: PairingHouse, profile: Profile) -> None:
    identity = profile.identity()
    for _ in range(2):
        house.do(lambda work: bridges.register(SYSTEM, work, "taro", identity.bridge_id, identity.jwk))
    (listed,) = computers(house)
    assert (listed.name, listed.code_made_at) == ("", None)
    remove(house, "taro", listed)
    house.do(lambda work: bridges.register(SYSTEM, work, "taro", identity.bridge_id, identity.jwk))
    hello(house, "taro", identity)
