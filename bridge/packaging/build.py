"""`make bridge-dist`: the onedir bundle of the bridge and the .deb made from it, in dist/, for this architecture.

    python bridge/packaging/build.py [--out dist] [--update-key KEY.json]

It builds in an environment of its own (build/bridge/), made from requirements-bridge-dist.lock and nothing else: what
the server needs cannot get in by mistake.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import deb

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements-bridge-dist.lock"
PINNED = "cectrust_bridge/updates/update-key.json"
NEEDED = ("objdump", "strip", "dpkg-deb", "dpkg-shlibdeps", "dpkg")


class BuildRefused(Exception):
    """Something is missing; the sentence says what."""


def check_interpreter() -> None:
    """The bundle's windows come from this very interpreter."""
    try:
        import tkinter  # noqa: F401  # only whether it is there
    except ImportError as error:
        raise BuildRefused(f"{sys.executable} has no tkinter: install python3-tk or choose another PYTHON") from error
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        raise BuildRefused(f"not installed: {', '.join(missing)} (apt-get install binutils dpkg-dev)")


def make_environment(folder: Path) -> Path:
    """A virtual environment with exactly the locked distributions; its python."""
    python, stamp = folder / "bin/python", folder / "lock"
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        venv.create(folder, clear=True, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)], check=True)
        shutil.copyfile(LOCK, stamp)
    return python


def copy_source(folder: Path, update_key: Path | None) -> Path:
    """The bridge's own source with the pinned key; built from a copy, so that the key never lies in the tree."""
    shutil.rmtree(folder, ignore_errors=True)
    unwanted = shutil.ignore_patterns("__pycache__", "tests", "*.egg-info", "vectors")
    shutil.copytree(ROOT / "bridge", folder, ignore=unwanted)
    if update_key is not None:
        shutil.copyfile(update_key, folder / PINNED)
    return folder


def check_pinned_key(python: Path, source: Path) -> None:
    """A bundle with a broken key would refuse every update for ever."""
    if (key := source / PINNED).exists():
        tool = [str(python), str(source / "packaging/manifest_tool.py"), "show-key", str(key)]
        if subprocess.run(tool, stdout=subprocess.DEVNULL, check=False).returncode != 0:
            raise BuildRefused("--update-key is not a public P-256 JWK")


def freeze(python: Path, source: Path, out: Path) -> Path:
    """Run PyInstaller; the bundle's folder. Nothing of the caller's Python environment gets in."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment = {**inherited, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(deb.source_date_epoch())}
    spec = source / "packaging/linux/cectrust-bridge.spec"
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"]
    places = ["--distpath", str(out), "--workpath", str(source.parent / "work")]
    subprocess.run([*command, *places, str(spec)], env=environment, check=True)
    return out / "cectrust-bridge"


def strip_symbols(bundle: Path) -> None:
    """Two thirds of the size are symbols. Wheels' own libraries stay as they are: their loaders' tables were moved."""
    inside = bundle / "_internal"
    ours = [*inside.glob("lib*.so*"), *inside.glob("python3*/lib-dynload/*.so"), *inside.glob("pkcs11/*.so")]
    elves = sorted(str(path) for path in ours if not path.is_symlink())
    subprocess.run(["strip", "--strip-unneeded", *elves], check=True)


def check_bundle(bundle: Path) -> None:
    """PyInstaller leaves out what it cannot compile and says so in passing; the program itself is the judge."""
    if subprocess.run([str(bundle / "cectrust-bridge"), "--help"], stdout=subprocess.DEVNULL, check=False).returncode:
        raise BuildRefused("the frozen program does not start")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--work", type=Path, default=ROOT / "build/bridge")
    parser.add_argument("--environment", type=Path, default=ROOT / "build/bridge/venv")
    parser.add_argument("--update-key", type=Path, help="public JWK to pin; without it `update` wants --key")
    options = parser.parse_args()
    try:
        check_interpreter()
        python = make_environment(options.environment)
        source = copy_source(options.work / "source", options.update_key)
        check_pinned_key(python, source)
        bundle = freeze(python, source, options.out)
        strip_symbols(bundle)
        check_bundle(bundle)
        package = deb.build(bundle, source, python, options.out)
    except (BuildRefused, deb.PackageRefused) as error:
        sys.exit(f"bridge-dist: {error}")
    sys.stdout.write(f"{bundle}\n{package}\n")


if __name__ == "__main__":
    main()
