"""What is installed is what the repository holds."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")
DATA = (".html", ".txt", ".css", ".mako", ".js", ".mjs", ".woff2", ".toml", ".mo", ".svg", ".xml")
SKIPPED = {"__pycache__"}


def lines(option: str) -> list[str]:
    return [line for line in SETUP["options"][option].splitlines() if line and not line.startswith("#")]


def packages_on_disk() -> set[str]:
    inits = [path for top in ("cectrust", "templates") for path in (ROOT / top).rglob("__init__.py")]
    names = {".".join(path.parent.relative_to(ROOT).parts) for path in inits if not SKIPPED & set(path.parts)}
    return {re.sub(r"^templates", "cectrust.templates", name) for name in names}


def test_the_package_list_is_what_lies_on_disk() -> None:
    assert sorted(lines("packages")) == sorted(packages_on_disk())


def test_python_files_all_lie_in_packages() -> None:
    outside = [path for path in (ROOT / "cectrust").rglob("*.py") if not (path.parent / "__init__.py").exists()]
    assert outside == []


def test_requirements_are_the_same_in_both_places() -> None:
    asked = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line and line[0] not in "#-"]
    assert lines("install_requires") == asked


def locks() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "*.lock"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.split()


@pytest.mark.parametrize("name", locks())
def test_locks_have_hashes_and_no_addresses(name: str) -> None:
    lock = (ROOT / name).read_text()
    pinned = re.findall(r"^[a-z0-9][^\n]*==[^\n]*\\\n +--hash=sha256:[0-9a-f]{64}", lock, re.M)
    assert len(pinned) == len(re.findall(r"^[a-zA-Z0-9]", lock, re.M)) > 0
    assert "://" not in lock


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of what git tracks, so that nothing is left behind here."""
    copy = tmp_path_factory.mktemp("source")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().splitlines():
        if name.startswith(("cectrust/", "templates/")) or "/" not in name:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)]
    subprocess.run(build, check=True, capture_output=True)
    return zipfile.ZipFile(next((copy / "dist").glob("*.whl")))


def test_the_wheel_holds_every_module_template_and_static_file(wheel: zipfile.ZipFile) -> None:
    here = [path for top in ("cectrust", "templates") for path in (ROOT / top).rglob("*") if path.is_file()]
    wanted = [p.relative_to(ROOT).as_posix() for p in here if not SKIPPED & set(p.parts) and p.suffix in (".py", *DATA)]
    packed = {re.sub(r"^cectrust/templates/", "templates/", name) for name in wheel.namelist()}
    assert sorted(set(wanted) - packed) == []


def test_the_wheel_brings_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    info = {name.rpartition("/")[2]: name for name in wheel.namelist() if ".dist-info/" in name}
    assert "cectrust = cectrust.cli:main" in wheel.read(info["entry_points.txt"]).decode()
    assert "LICENSE" in info


def test_the_wheel_holds_no_tests_and_no_bridge(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cectrust"}


def test_debian_packages_are_sorted_names() -> None:
    names = (ROOT / "debian-packages.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in names)
    assert len(names) == len(set(names))
