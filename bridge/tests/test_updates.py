"""Update manifests: signed, in form, in date, never a step back; and nothing is installed by a bridge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge.formats import jose, strictjson
from cectrust_bridge.updates import errors
from cectrust_bridge.updates.check import State, check
from cectrust_bridge.updates.history import History, Seen
from cectrust_bridge.updates.key import update_key
from cectrust_bridge.updates.manifest import MAX_LIFE, TYP, verify
from cectrust_bridge.updates.version import Version
from cryptography.hazmat.primitives.asymmetric import ec

NOW = 1_800_000_000
INSTALLED = Version(1, 2, 0)
DAY = 86400
KEY = ec.generate_private_key(ec.SECP256R1())
FILE = {"name": "bridge_1.3.0.deb", "platform": "linux-amd64", "size": 3, "sha256": "0" * 64}


def claims(**changes: Any) -> dict[str, Any]:
    """A manifest of version 1.3.0, made now, for 30 days."""
    always = {"v": 1, "product": "cectrust-bridge", "version": "1.3.0", "minimum": "1.0.0"}
    return {**always, "created": NOW, "expires": NOW + 30 * DAY, "files": [FILE], **changes}


def jws(content: Any, key: ec.EllipticCurvePrivateKey = KEY, **header: Any) -> str:
    head = {"alg": "ES256", "kid": jose.thumbprint(key.public_key()), "typ": TYP, **header}
    signing_input = ".".join(jose.b64url(json.dumps(part).encode()) for part in (head, content))
    return f"{signing_input}.{jose.sign(key, signing_input.encode())}"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "updates.json", INSTALLED)


def look(history: History, now: float = NOW, **changes: Any) -> State:
    return check(jws(claims(**changes)), KEY.public_key(), INSTALLED, history, now).state


def test_a_newer_version_is_available(history: History) -> None:
    assert look(history) is State.AVAILABLE


def test_the_same_version_is_current(history: History) -> None:
    assert look(history, version="1.2.0") is State.CURRENT


def test_below_the_minimum_a_newer_version_is_required(history: History) -> None:
    assert look(history, minimum="1.2.1") is State.REQUIRED


def test_versions_compare_as_numbers(history: History) -> None:
    assert look(history, version="1.10.0") is State.AVAILABLE


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"product": "another"},
        {"version": "1.3"},
        {"version": "1.3.0-rc1"},
        {"version": "01.3.0"},
        {"version": 13},
        {"minimum": "1.4.0"},
        {"created": "1800000000"},
        {"created": True},
        {"created": NOW + 30 * DAY},
        {"expires": NOW + MAX_LIFE + 1},
        {"expires": 1 << 60},
        {"files": []},
        {"files": [FILE, FILE]},
        {"files": [{**FILE, "name": "../../etc/passwd"}]},
        {"files": [{**FILE, "name": ".hidden"}]},
        {"files": [{**FILE, "name": "a/b.deb"}]},
        {"files": [{**FILE, "platform": "plan9"}]},
        {"files": [{**FILE, "platform": ["linux-amd64"]}]},
        {"files": [{**FILE, "size": 0}]},
        {"files": [{**FILE, "sha256": "A" * 64}]},
        {"files": [{**FILE, "url": "https://elsewhere.example"}]},
        {"files": ["bridge.deb"]},
        {"more": 1},
    ],
    ids=str,
)
def test_a_signed_manifest_out_of_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(errors.ManifestForged):
        verify(jws(claims(**change)), KEY.public_key())


@pytest.mark.parametrize("header", [{"alg": "none"}, {"typ": "cectrust-request+jws"}, {"jku": "x"}, {"kid": "x"}])
def test_a_header_other_than_the_one_is_refused(header: dict[str, str]) -> None:
    with pytest.raises(errors.ManifestForged):
        verify(jws(claims(), **header), KEY.public_key())


def test_another_key_is_refused_even_under_the_right_name() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(errors.ManifestForged):
        verify(jws(claims(), other), KEY.public_key())
    with pytest.raises(errors.ManifestForged):
        verify(jws(claims(), other, kid=jose.thumbprint(KEY.public_key())), KEY.public_key())


def test_every_changed_character_is_refused() -> None:
    good = jws(claims())
    for place in range(0, len(good), 7):
        changed = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        with pytest.raises(errors.ManifestForged):
            verify(changed, KEY.public_key())


@pytest.mark.parametrize("text", ["", "..", "{}", "a.b.c", "署名", "\ud800.a.b", "." * 1000, "=.=.="])
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(errors.ManifestForged):
        verify(text, KEY.public_key())


def test_an_expired_manifest_is_refused(history: History) -> None:
    """Freeze: whoever can only withhold cannot keep a bridge at an old version unnoticed."""
    with pytest.raises(errors.ManifestExpired):
        look(history, now=NOW + 30 * DAY + 1)


def test_a_clock_that_was_put_back_does_not_revive_an_expired_manifest(history: History) -> None:
    history.remember(Seen(INSTALLED, NOW + 40 * DAY))
    with pytest.raises(errors.ManifestExpired):
        look(history, now=NOW + DAY)


def test_a_manifest_from_the_future_is_refused(history: History) -> None:
    with pytest.raises(errors.ManifestFromTheFuture):
        look(history, now=NOW - 2 * DAY)


def test_a_manifest_older_than_one_seen_is_refused_though_it_offers_more(history: History) -> None:
    look(history)
    with pytest.raises(errors.ManifestOlder):
        look(history, created=NOW - 1, version="9.0.0")


def test_the_same_manifest_may_be_looked_at_again(history: History) -> None:
    assert look(history) is look(history) is State.AVAILABLE


def test_a_version_below_the_installed_one_is_refused(history: History) -> None:
    with pytest.raises(errors.Downgrade):
        look(history, version="1.1.9", minimum="1.0.0")


def test_a_version_below_the_highest_seen_is_refused(history: History) -> None:
    look(history, version="1.5.0")
    with pytest.raises(errors.Downgrade):
        look(history, version="1.4.0", created=NOW + 1)


def test_a_refused_manifest_leaves_no_trace(history: History) -> None:
    for refused in ({"version": "1.1.0"}, {"expires": NOW - 1, "created": NOW - 2}):
        with pytest.raises(errors.UpdateError):
            look(history, **refused)
    assert history.seen() == Seen(INSTALLED, 0)


def test_a_history_that_was_rolled_back_never_gets_below_the_installed_version(tmp_path: Path) -> None:
    old = History(tmp_path / "updates.json", Version(1, 0, 0))
    old.remember(Seen(Version(1, 0, 0), NOW - 100 * DAY))
    assert History(tmp_path / "updates.json", INSTALLED).seen().highest == INSTALLED


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{}",
        b"null",
        b"[]",
        b'{"v": 1, "highest": "0", "newest": 0}',
        b'{"v": 1, "highest": "0.0.1", "newest": "0"}',
        b"\xff",
    ],
)
def test_a_damaged_history_is_said_and_not_forgotten(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "updates.json"
    path.write_bytes(damage)
    with pytest.raises(errors.HistoryDamaged):
        History(path, INSTALLED).seen()
    assert path.read_bytes() == damage


def test_the_history_is_the_users_alone(history: History, tmp_path: Path) -> None:
    look(history)
    assert (tmp_path / "updates.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["updates.json"]


def test_a_pinned_key_takes_no_other(tmp_path: Path) -> None:
    for name in ("pinned", "other"):
        (tmp_path / name).write_bytes(strictjson.canonical(jose.jwk_of(KEY.public_key())))
    assert update_key(None, tmp_path / "pinned") == update_key(tmp_path / "other", tmp_path / "none")
    for named, pinned in ((tmp_path / "other", tmp_path / "pinned"), (None, tmp_path / "none")):
        with pytest.raises(errors.NoUpdateKey):
            update_key(named, pinned)
