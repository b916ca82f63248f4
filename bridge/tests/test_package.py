"""What is in the bundle and in the .deb, and that it depends on the source alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from dist_house import ENVIRONMENT, ROOT, Built, build, copy_of_source

# A build takes a minute of processor time.
pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


def modules_in(bundle: Path) -> set[str]:
    """Names in the archive that is appended to the program."""
    code = (
        "import sys; from PyInstaller.archive.readers import CArchiveReader as R; "
        "print(*R(sys.argv[1]).open_embedded_archive('PYZ.pyz').toc)"
    )
    python = ENVIRONMENT / "bin/python"
    listing = [str(python), "-c", code, str(bundle / "cectrust-bridge")]
    return set(subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split())


def modules_of_the_source() -> set[str]:
    paths = (path.relative_to(ROOT / "bridge") for path in (ROOT / "bridge/cectrust_bridge").rglob("*.py"))
    return {".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths}


def test_the_bundle_has_every_module_of_the_bridge_but_no_pretended_key_store(built: Built) -> None:
    bundled = modules_in(built.bundle)
    pretended = {name for name in modules_of_the_source() if re.search(r"\.fake", name)}
    assert {name for name in bundled if name.startswith("cectrust_bridge")} == modules_of_the_source() - pretended
    assert not [name for name in bundled if "fake" in name]


def test_the_bundle_has_nothing_of_the_server_and_of_the_tools(built: Built) -> None:
    top = {name.split(".")[0] for name in modules_in(built.bundle)}
    assert not top & {
        "cectrust",
        "flask",
        "sqlalchemy",
        "pyhanko",
        "pytest",
        "PyInstaller",
        "pip",
        "setuptools",
        "numpy",
    }
    assert {"websockets", "pkcs11", "pypdfium2", "PIL", "tkinter", "cryptography"} <= top


def test_the_systems_openssl_x_and_fonts_stay_the_systems(built: Built) -> None:
    carried = {path.name for path in (built.bundle / "_internal").glob("lib*.so*") if not path.is_symlink()}
    assert {re.sub(r"[\d.]*\.so.*", "", name) for name in carried} == {"libpython", "libtcl", "libtk"}
    depends = subprocess.run(
        ["dpkg-deb", "--field", str(built.package), "Depends"], capture_output=True, text=True, check=True
    ).stdout
    assert {"libssl3", "libx11-6", "libfontconfig1", "libc6"} <= {each.split()[0] for each in depends.split(", ")}


def test_the_same_source_gives_the_same_package_wherever_it_is_built(built: Built, tmp_path: Path) -> None:
    again = build(copy_of_source(tmp_path / "elsewhere"), tmp_path / "dist")
    assert again.package.read_bytes() == built.package.read_bytes()


def test_lintian_finds_nothing_that_is_not_explained(built: Built) -> None:
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", str(built.package)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


def test_every_file_is_roots_and_only_the_program_and_folders_are_executable(built: Built) -> None:
    listing = subprocess.run(["dpkg-deb", "-c", str(built.package)], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=5) for line in listing.splitlines()]
    assert {row[1] for row in rows} == {"root/root"}
    assert {row[0] for row in rows} == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}
    assert [row[5] for row in rows if row[0] == "-rwxr-xr-x"] == ["./usr/lib/cectrust-bridge/cectrust-bridge"]
