"""Builds of the bridge's package, and a person at a bridge that was installed from one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cectrust_bridge
from bridge_house import PIN, SoftToken, make_profile
from driver import Page, Server
from machine import Machine
from running import RunningBridge

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / "build/bridge/venv"
PROGRAM = "/usr/bin/cectrust-bridge"
NEWER, NEWEST = "90.0.0", "91.0.0"
EPOCH = "1795000000"
PASSPHRASE = "正しい馬 電池 ホチキス\n"


@dataclass(frozen=True)
class Built:
    """What `make bridge-dist` leaves in dist/."""

    bundle: Path
    package: Path


def build(root: Path, out: Path, *arguments: str) -> Built:
    """Run the build of the source tree at `root`; all share one locked environment."""
    script = [sys.executable, str(root / "bridge/packaging/build.py"), "--out", str(out)]
    places = ["--work", str(out / "work"), "--environment", str(ENVIRONMENT)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    done = subprocess.run([*script, *places, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bundle, package = done.stdout.split()
    return Built(Path(bundle), Path(package))


def copy_of_source(folder: Path) -> Path:
    """The part of the tree that the build reads, in another place."""
    shutil.copytree(ROOT / "bridge", folder / "bridge", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copyfile(ROOT / "requirements-bridge-dist.lock", folder / "requirements-bridge-dist.lock")
    return folder


def build_newer(folder: Path, update_key: Path) -> Built:
    """The same program some versions later, with an update key of its own."""
    source = copy_of_source(folder)
    for name in ("cectrust_bridge/__init__.py", "packaging/linux/changelog"):
        path = source / "bridge" / name
        path.write_text(path.read_text().replace(cectrust_bridge.__version__, NEWER, 1))
    return build(source, folder / "dist", "--update-key", str(update_key))


def publish(folder: Path, name: str) -> None:
    """A publisher's key pair `name`.pem and .json, and a manifest `name`.jws that asks for the newest version."""
    tool = [sys.executable, str(ROOT / "bridge/packaging/manifest_tool.py")]
    release = folder / "release.deb"
    release.write_bytes(b"package")
    make = ["make-key", "--private", f"{folder}/{name}.pem", "--public", f"{folder}/{name}.json"]
    about = ["--version", NEWEST, "--minimum", NEWEST, "--file", f"linux-amd64={release}"]
    sign = ["sign", "--key", f"{folder}/{name}.pem", *about, "--out", f"{folder}/{name}.jws"]
    for command in (make, sign):
        subprocess.run([*tool, *command, "--passphrase-stdin"], input=PASSPHRASE, text=True, check=True)


class Desk:
    """A person with a token and a profile, at an installed bridge."""

    def __init__(self, machine: Machine, folder: Path, token: SoftToken) -> None:
        self.token = token
        self.server: Server = make_profile(folder / "profile", token)
        program = machine.command(PROGRAM)
        self.bridge = RunningBridge(folder / "profile", token.environment, command=program)
        self.bridge.person.pin = PIN

    def page(self, start: int = 1) -> Page:
        """A page on the bridge's `start`-th start."""
        return Page(self.server, self.bridge.port_of_start(start))

    def leave(self) -> None:
        """End the bridge if it has not ended by itself."""
        if self.bridge.process.poll() is None:
            self.bridge.process.terminate()
            self.bridge.process.wait(20)
        self.bridge.person.leave()
