"""What is vendored is exactly what the manifest says."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

from cectrust.web.static_files import STATIC, fingerprint

VENDOR = STATIC / "vendor"
MANIFEST = tomllib.loads((VENDOR / "manifest.toml").read_text())
LIMIT = 8_000_000


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_every_vendored_file_has_the_digest_of_the_manifest(name: str) -> None:
    directory = VENDOR / name
    files = {str(p.relative_to(directory)): p for p in directory.rglob("*") if p.is_file()}
    found = {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in files.items()}
    assert found == MANIFEST[name]["sha256"]


def test_every_vendored_package_is_in_the_manifest_with_version_and_licence() -> None:
    assert {path.name for path in VENDOR.iterdir() if path.is_dir()} == set(MANIFEST)
    assert all(entry["version"] and entry["licence"] and entry["package"] for entry in MANIFEST.values())
    assert all(any("LICENSE" in path for path in entry["sha256"]) for entry in MANIFEST.values())


def test_the_static_files_stay_small() -> None:
    assert sum(p.stat().st_size for p in STATIC.rglob("*") if p.is_file()) < LIMIT


def test_every_font_that_the_style_sheet_names_with_its_version_is_there() -> None:
    addresses = set(re.findall(r"url\(([^)]+)\)", (STATIC / "fonts.css").read_text()))
    names = {address.removesuffix(f"?v={MANIFEST['biz-udpgothic']['version']}") for address in addresses}
    assert names
    assert [name for name in names if not (STATIC / name).is_file()] == []


def test_our_own_files_fetch_nothing_from_elsewhere() -> None:
    own: list[Path] = [*STATIC.glob("*.css"), *STATIC.glob("*.js"), *STATIC.glob("*.mjs")]
    foreign = re.compile(r"https?://(?!127\.0\.0\.1|www\.w3\.org)")
    assert [path.name for path in own if foreign.search(path.read_text())] == []


def test_an_address_changes_with_the_bytes() -> None:
    assert fingerprint("cectrust.css") != fingerprint("contract.css")
    assert len(fingerprint("vendor/pdfjs")) == 8
