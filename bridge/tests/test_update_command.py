"""`manifest_tool.py` of the publisher and `cectrust-bridge update` of the bridge, over files and HTTP."""

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
from cectrust_bridge import __version__
from cectrust_bridge.formats import jose
from cectrust_bridge.pairing.http import Network
from cectrust_bridge.updates import errors, source
from cectrust_bridge.updates.check import this_platform
from cectrust_bridge.updates.manifest import TYP
from running import BRIDGE

TOOL = Path(__file__).parents[1] / "packaging/manifest_tool.py"
PASSPHRASE = "正しい馬 電池 ホチキス"


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
        source.read_manifest(address, Network())


def test_redirects_absent_and_endless_manifests_are_refused(publisher: tuple[str, dict[str, bytes]]) -> None:
    address, files = publisher
    files |= {"manifest.jws": b"x.y.z", "long": b"x" * 70000}
    assert source.read_manifest(f"{address}/manifest.jws", Network()) == "x.y.z"
    for name in ("moved", "absent", "long"):
        with pytest.raises(errors.Unreachable):
            source.read_manifest(f"{address}/{name}", Network())


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
