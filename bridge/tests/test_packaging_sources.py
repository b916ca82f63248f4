"""What packages are made of, looked at without building one."""

from __future__ import annotations

import json
import plistlib
import re
import subprocess
from pathlib import Path

import cectrust_bridge
import pytest

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "bridge/packaging"
LINUX = PACKAGING / "linux"
ELSEWHERE = sorted(path for name in ("windows", "macos") for path in (PACKAGING / name).rglob("*") if path.is_file())


def pins(lock: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+==[\w.]+)", (ROOT / lock).read_text(), re.MULTILINE))


def test_the_bundle_is_locked_to_what_the_bridge_is_locked_to() -> None:
    assert pins("requirements-bridge.lock") < pins("requirements-bridge-dist.lock")


def test_the_bundle_is_built_from_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements-bridge-dist.lock").read_text()
    assert "://" not in lock
    assert "--index" not in lock
    for block in re.split(r"\n(?=[\w.-]+==)", lock)[1:]:
        assert "--hash=sha256:" in block


def test_nothing_of_the_server_gets_into_the_bundle() -> None:
    server = {pin.split("==")[0] for pin in pins("requirements.lock") - pins("requirements-bridge.lock")}
    assert {pin.split("==")[0] for pin in pins("requirements-bridge-dist.lock")} & server <= {"packaging", "setuptools"}


def test_version_changelog_and_manuals_agree() -> None:
    version = cectrust_bridge.__version__
    assert (LINUX / "changelog").read_text().startswith(f"cectrust-bridge ({version}) ")
    for manual in ("cectrust-bridge.1", "cectrust-bridge.ja.1"):
        assert f"cectrust-bridge {version}" in (LINUX / manual).read_text().splitlines()[0]


@pytest.mark.parametrize("entry", sorted(LINUX.glob("*.desktop")), ids=lambda path: path.name)
def test_desktop_entries_are_valid_and_vanish_with_the_program(entry: Path) -> None:
    subprocess.run(["desktop-file-validate", str(entry)], check=True)
    lines = dict(line.split("=", 1) for line in entry.read_text().splitlines() if "=" in line)
    assert lines["Exec"].split()[0] == lines["TryExec"] == "/usr/bin/cectrust-bridge"
    assert lines["Name[ja]"] == "CECTRUST 署名ブリッジ"


def test_the_policies_open_loopback_for_one_site_and_nothing_else() -> None:
    for name in ("chrome", "edge"):
        policy = json.loads((PACKAGING / f"policies/{name}.json").read_text())
        assert policy == {"LoopbackNetworkAllowedForUrls": ["https://keiyaku.example.jp"]}
        registry = (PACKAGING / f"policies/windows-{name}.reg").read_text()
        assert registry.rstrip().endswith('LoopbackNetworkAllowedForUrls]\n"1"="https://keiyaku.example.jp"')
    firefox = json.loads((PACKAGING / "policies/firefox.json").read_text())
    assert firefox == {"policies": {"LocalNetworkAccess": {"SkipDomains": ["keiyaku.example.jp"]}}}


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_never_built_says_so_at_its_head(path: Path) -> None:
    head = "\n".join(path.read_text(encoding="utf-8-sig").splitlines()[:3])
    assert "NOT YET BUILT ON THIS PLATFORM" in head
    if path.suffix == ".spec":
        compile(path.read_text(), path.name, "exec")
    elif path.suffix == ".plist":
        plistlib.loads(path.read_bytes())
    elif path.suffix != ".iss":
        subprocess.run(["sh", "-n", str(path)], check=True)


@pytest.mark.parametrize("script", ["postinst", "postrm"])
def test_maintainer_scripts_refuse_what_they_do_not_know(script: str) -> None:
    assert subprocess.run(["sh", str(LINUX / script), "nonsense"], capture_output=True, check=False).returncode == 1
