"""Update manifests: signed, in form, in date, never a step back; and nothing is installed by a bridge."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge import __version__, jose, strictjson
from cectrust_bridge.updates import errors, source
from cectrust_bridge.updates.check import State, check, this_platform
from cectrust_bridge.updates.history import History, Seen
from cectrust_bridge.updates.key import update_key
from cectrust_bridge.updates.manifest import MAX_LIFE, TYP, verify
from cectrust_bridge.updates.version import Version
from cryptography.hazmat.primitives.asymmetric import ec
from running import BRIDGE

TOOL = Path(__file__).parents[1] / "packaging/manifest_tool.py"
NOW = 1_800_000_000
INSTALLED = Version(1, 2, 0)
PASSPHRASE = "正しい馬 電池 ホチキス"
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


class Publisher(BaseHTTPRequestHandler):
    """Serves `files` of its server; `moved` redirects."""

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name == "moved":
            self.send_response(302)
            self.send_header("Location", "/manifest.jws")
            self.end_headers()
            return
        body = self.server.files.get(name)  # type: ignore[attr-defined]
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def publisher() -> Iterator[tuple[str, dict[str, bytes]]]:
    files: dict[str, bytes] = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Publisher) as server:
        server.files = files  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", files
        server.shutdown()
        thread.join()


Tool = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    """The publisher's command line, with the passphrase on its standard input."""

    def run(*arguments: str, passphrase: str = PASSPHRASE) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(TOOL), *arguments]
        return subprocess.run(
            command, input=passphrase + "\n", capture_output=True, text=True, cwd=tmp_path, check=False
        )

    return run


@pytest.fixture
def released(tool: Tool, tmp_path: Path) -> Path:
    """A folder with a key pair, a release file and its signed manifest."""
    made = tool("make-key", "--private", "key.pem", "--public", "key.json", "--passphrase-stdin")
    assert made.returncode == 0, made.stderr
    (tmp_path / "bridge_9.0.0.deb").write_bytes(b"the package")
    arguments = ["--version", "9.0.0", "--minimum", "0.1.0", "--file", f"{this_platform()}=bridge_9.0.0.deb"]
    signed = tool("sign", "--key", "key.pem", *arguments, "--out", "manifest.jws", "--passphrase-stdin")
    assert signed.returncode == 0, signed.stderr
    return tmp_path


def update(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    command = [*BRIDGE, "update", *arguments, "--profile", str(folder / "profile"), "--json"]
    environment = {**os.environ, "http_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.returncode, json.loads(done.stdout)


def test_what_the_publisher_signs_a_bridge_believes(released: Path, tool: Tool) -> None:
    status, report = update(
        released, "check", "--manifest", f"{released}/manifest.jws", "--key", f"{released}/key.json"
    )
    assert (status, report["state"], report["offered"]) == (10, "available", "9.0.0")
    assert report["installed"] == __version__
    assert "9.0.0" in tool("verify", "--key", "key.json", "--manifest", "manifest.jws").stdout


def test_the_private_key_is_encrypted_and_never_replaced(released: Path, tool: Tool) -> None:
    assert b"ENCRYPTED" in (released / "key.pem").read_bytes()
    assert (released / "key.pem").stat().st_mode & 0o777 == 0o600
    again = tool("make-key", "--private", "key.pem", "--public", "new.json", "--passphrase-stdin")
    assert again.returncode == 1
    assert not (released / "new.json").exists()


def test_a_short_passphrase_makes_no_key(tool: Tool, tmp_path: Path) -> None:
    arguments = ("make-key", "--private", "key.pem", "--public", "key.json", "--passphrase-stdin")
    assert tool(*arguments, passphrase="short").returncode == 1
    assert not (tmp_path / "key.pem").exists()


def test_the_publisher_cannot_sign_what_a_bridge_would_refuse(released: Path, tool: Tool) -> None:
    arguments = ["--version", "9.0", "--minimum", "0.1.0", "--file", "linux-amd64=bridge_9.0.0.deb", "--out", "bad.jws"]
    assert tool("sign", "--key", "key.pem", *arguments, "--passphrase-stdin").returncode == 1
    assert not (released / "bad.jws").exists()


def test_a_downloaded_file_is_compared_with_the_manifest(released: Path) -> None:
    arguments = ("--manifest", f"{released}/manifest.jws", "--key", f"{released}/key.json")
    package = released / "bridge_9.0.0.deb"
    assert update(released, "check", *arguments, "--file", str(package))[0] == 10
    for octets in (b"the packagf", b"the package and more", b"the"):
        package.write_bytes(octets)
        status, report = update(released, "check", *arguments, "--file", str(package))
        assert (status, report["error"]) == (1, "file_mismatch")


def test_fetching_gives_the_file_its_name_only_after_its_digest_held(
    released: Path, publisher: tuple[str, dict[str, bytes]]
) -> None:
    address, files = publisher
    files |= {name: (released / name).read_bytes() for name in ("manifest.jws", "bridge_9.0.0.deb")}
    inbox = released / "inbox"
    inbox.mkdir()
    arguments = ("fetch", "--manifest", f"{address}/manifest.jws", "--key", f"{released}/key.json", "--to", str(inbox))
    files["bridge_9.0.0.deb"] = b"the packagf"
    status, report = update(released, *arguments)
    assert (status, report["error"], list(inbox.iterdir())) == (1, "file_mismatch", [])
    files["bridge_9.0.0.deb"] = b"the package"
    status, report = update(released, *arguments)
    assert (status, report["file"]) == (10, str(inbox / "bridge_9.0.0.deb"))
    assert (inbox / "bridge_9.0.0.deb").read_bytes() == b"the package"


@pytest.mark.parametrize("address", ["http://keiyaku.example.jp/m", "ftp://localhost/m", "file:///etc/passwd"])
def test_a_manifest_comes_over_https_or_from_this_computer(address: str) -> None:
    with pytest.raises(errors.Unreachable, match="https only"):
        source.read_manifest(address)


def test_redirects_absent_and_endless_manifests_are_refused(publisher: tuple[str, dict[str, bytes]]) -> None:
    address, files = publisher
    files |= {"manifest.jws": b"x.y.z", "long": b"x" * 70000}
    assert source.read_manifest(f"{address}/manifest.jws") == "x.y.z"
    for name in ("moved", "absent", "long"):
        with pytest.raises(errors.Unreachable):
            source.read_manifest(f"{address}/{name}")


def test_an_error_is_said_in_both_languages_and_by_exit_status(tmp_path: Path) -> None:
    command = [*BRIDGE, "update", "check", "--manifest", str(tmp_path / "none"), "--key", str(tmp_path / "none")]
    done = subprocess.run([*command, "--profile", str(tmp_path / "p")], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert errors.NoUpdateKey.ja in done.stdout
    assert errors.NoUpdateKey.en in done.stdout


def test_time_is_the_computers_own(released: Path) -> None:
    """The command uses the real clock: a manifest signed now is neither expired nor from the future."""
    compact = (released / "manifest.jws").read_text().strip()
    assert abs(jose.parse(compact, TYP).claims["created"] - time.time()) < 300
