"""A .deb from the bundle: the same input gives the same octets (SOURCE_DATE_EPOCH, reproducible-builds.org)."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

NAME = "cectrust-bridge"
PROGRAM_FOLDER = f"usr/lib/{NAME}"
DOCS = f"usr/share/doc/{NAME}"
# From packaging/, to the tree; folders are 0755 and files 0644 unless they are programs.
PLACES = {
    "linux/cectrust-bridge.desktop": "usr/share/applications/cectrust-bridge.desktop",
    "linux/autostart.desktop": "etc/xdg/autostart/cectrust-bridge.desktop",
    "linux/cectrust-bridge.1": "usr/share/man/man1/cectrust-bridge.1",
    "linux/cectrust-bridge.ja.1": "usr/share/man/ja/man1/cectrust-bridge.1",
    "linux/lintian-overrides": "usr/share/lintian/overrides/cectrust-bridge",
    "icon.svg": "usr/share/icons/hicolor/scalable/apps/cectrust-bridge.svg",
    "icon.png": "usr/share/icons/hicolor/256x256/apps/cectrust-bridge.png",
    "policies": "usr/share/cectrust-bridge/policies",
}
SCRIPTS = ("postinst", "postrm")
FLEET = "etc/cectrust-bridge/servers.d"


class PackageRefused(Exception):
    """What the package cannot be made of."""


def source_date_epoch() -> int:
    """UNIX seconds all files are dated: given, else the last commit, else the changelog's top entry has to be given."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    git = ["git", "-C", str(Path(__file__).parent), "log", "-1", "--format=%ct"]
    done = subprocess.run(git, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackageRefused("SOURCE_DATE_EPOCH is not set and this is no git checkout")
    return int(done.stdout)


def version(source: Path) -> str:
    """`__version__` of the bridge; the Debian changelog must begin with it."""
    text = (source / "cectrust_bridge/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(\d+\.\d+\.\d+)"$', text, re.MULTILINE)
    if found is None:
        raise PackageRefused("cectrust_bridge.__version__ is not three numbers")
    changelog = (source / "packaging/linux/changelog").read_text(encoding="utf-8")
    if not changelog.startswith(f"{NAME} ({found.group(1)}) "):
        raise PackageRefused(f"linux/changelog does not begin with {found.group(1)}")
    return found.group(1)


def build(bundle: Path, source: Path, python: Path, out: Path) -> Path:
    """Assemble the tree in a temporary folder and have dpkg-deb pack it; the package's path."""
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "tree"
        tree.mkdir()
        install_program(bundle, tree)
        install_files(source / "packaging", tree)
        install_documents(source, python, tree)
        write_control(source, tree, Path(temporary))
        return pack(tree, version(source), out)


def install_program(bundle: Path, tree: Path) -> None:
    """The bundle, and the command that people type."""
    shutil.copytree(bundle, tree / PROGRAM_FOLDER, symlinks=True)
    (tree / "usr/bin").mkdir(parents=True)
    (tree / "usr/bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")


def install_files(packaging: Path, tree: Path) -> None:
    """Everything of PLACES, man pages compressed, and the folder for fleet pairing."""
    for name, place in PLACES.items():
        target = tree / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if (packaging / name).is_dir():
            shutil.copytree(packaging / name, target)
        elif "/man/" in place:
            _compress((packaging / name).read_bytes(), target)
        else:
            shutil.copyfile(packaging / name, target)
    (tree / FLEET).mkdir(parents=True)


def install_documents(source: Path, python: Path, tree: Path) -> None:
    """Copyright with every bundled licence, changelog, and the protocol for reviewers."""
    docs = tree / DOCS
    docs.mkdir(parents=True)
    licences = [str(python), str(source / "packaging/licences.py"), str(docs / "copyright")]
    if subprocess.run(licences, check=False).returncode != 0:
        raise PackageRefused("a bundled distribution has no licence text")
    _compress((source / "packaging/linux/changelog").read_bytes(), docs / "changelog")
    _compress((source / "PROTOCOL.md").read_bytes(), docs / "PROTOCOL.md")


def _compress(octets: bytes, target: Path) -> None:
    target.with_name(target.name + ".gz").write_bytes(gzip.compress(octets, 9, mtime=0))


def write_control(source: Path, tree: Path, temporary: Path) -> None:
    """DEBIAN/: control with measured dependencies, conffiles, maintainer scripts, md5sums."""
    control = tree / "DEBIAN"
    control.mkdir()
    linux = source / "packaging/linux"
    for script in SCRIPTS:
        shutil.copyfile(linux / script, control / script)
        (control / script).chmod(0o755)
    conffiles = sorted(path for path in (tree / "etc").rglob("*") if path.is_file())
    (control / "conffiles").write_text("".join(f"/{path.relative_to(tree)}\n" for path in conffiles))
    fields = {
        "VERSION": version(source),
        "ARCHITECTURE": architecture(),
        "SIZE": str(_kibibytes(tree)),
        "DEPENDS": dependencies(tree / PROGRAM_FOLDER, temporary),
    }
    text = (linux / "control").read_text(encoding="utf-8")
    for name, value in fields.items():
        text = text.replace(f"@{name}@", value)
    (control / "control").write_text(text, encoding="utf-8")
    (control / "md5sums").write_text(_checksums(tree))


def architecture() -> str:
    """Debian's name of this machine's architecture."""
    return subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()


def dependencies(program: Path, temporary: Path) -> str:
    """What the program's ELF files need of the system, as dpkg-shlibdeps(1) finds it."""
    (temporary / "debian").mkdir()
    (temporary / "debian/control").write_text(f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n")
    elves = sorted(path for path in program.rglob("*") if path.is_file() and not path.is_symlink() and _is_elf(path))
    folders = sorted({str(path.parent) for path in elves})
    carried = ["-xlibtcl8.6", "-xlibtk8.6"]
    places = [*(f"-l{folder}" for folder in folders), *(f"-e{path}" for path in elves)]
    command = ["dpkg-shlibdeps", "-O", *carried, *places]
    done = subprocess.run(command, cwd=temporary, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackageRefused(f"dpkg-shlibdeps: {done.stderr}")
    shutil.rmtree(temporary / "debian")
    return done.stdout.strip().removeprefix("shlibs:Depends=")


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _files(tree: Path) -> list[Path]:
    inside = (path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path for path in inside if tree / "DEBIAN" not in path.parents)


def _kibibytes(tree: Path) -> int:
    """Installed-Size (Debian policy 5.6.20)."""
    return sum((path.stat().st_size + 1023) // 1024 for path in _files(tree))


def _checksums(tree: Path) -> str:
    # MD5 is what dpkg --verify reads; it guards against bit rot, the manifest against people.
    lines = [(hashlib.md5(path.read_bytes()).hexdigest(), path.relative_to(tree)) for path in _files(tree)]  # noqa: S324
    return "".join(f"{digest}  {path}\n" for digest, path in lines)


def pack(tree: Path, number: str, out: Path) -> Path:
    """Modes and times set, then dpkg-deb; owner is root without being root."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or (os.access(path, os.X_OK) and _is_program(path)) else 0o644)
        os.utime(path, (source_date_epoch(),) * 2, follow_symlinks=False)
    package = out / f"{NAME}_{number}_{architecture()}.deb"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(source_date_epoch())}
    pack_it = ["dpkg-deb", "--root-owner-group", "--uniform-compression", "-Zxz", "--build", str(tree), str(package)]
    subprocess.run(pack_it, env=environment, check=True, stdout=subprocess.DEVNULL)
    return package


def _is_program(path: Path) -> bool:
    return path.name in (NAME, *SCRIPTS)
