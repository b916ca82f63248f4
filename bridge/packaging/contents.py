"""What goes into the bundle, the same on every platform; the three spec files read it."""

from __future__ import annotations

from pathlib import Path

from PyInstaller.utils.hooks import collect_submodules

PACKAGING = Path(__file__).resolve().parent
BRIDGE = PACKAGING.parent
PACKAGE = BRIDGE / "cectrust_bridge"
LAUNCHER = str(PACKAGING / "launcher.py")
# From the Python itself or tied to its Tcl scripts by exact version; every other library of the system stays there,
# where it is updated, and where a vendor's PKCS#11 module finds the one it was built with (docs/decisions/046).
CARRIED = ("libpython", "libtcl", "libtk")
SYSTEM_FOLDERS = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
# Pillow only turns pdfium's pixels into rows here: what decodes foreign formats is left out with its libraries.
PILLOW_UNUSED = ["PIL._avif", "PIL._webp", "PIL._imagingcms", "PIL._imagingft", "PIL._imagingmath"]
# Brought by hooks of others; nobody needs them here.
UNUSED = ["numpy", "IPython", "matplotlib", "pytest", "setuptools", "pip", "unittest", "pydoc", "doctest"]
UNUSED += ["sqlite3", "readline", "bz2", "_bz2"]

Entry = tuple[str, str, str]


def is_test_only(module: str) -> bool:
    """Key stores that pretend (`fake…`) exist for tests; an installed bridge must not even contain them."""
    return any(part.startswith("fake") for part in module.split("."))


def modules() -> list[str]:
    """Every module of the bridge: children and windows are imported by name at run time."""
    return [module for module in collect_submodules("cectrust_bridge") if not is_test_only(module)]


def excluded() -> list[str]:
    """Modules that never go in, whoever imports them."""
    return UNUSED + PILLOW_UNUSED + [module for module in collect_submodules("cectrust_bridge") if is_test_only(module)]


def data() -> list[tuple[str, str]]:
    """Data files of the package (source, folder in the bundle), the pinned update key among them if there is one."""
    files = sorted(path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc"))
    return [(str(path), str(path.parent.relative_to(BRIDGE))) for path in files]


def without_install_records(data: list[Entry]) -> list[Entry]:
    """Entries of an Analysis without what pip wrote about this build's folders: the same source, the same octets."""
    written = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
    return [entry for entry in data if not (".dist-info" in entry[0] and Path(entry[0]).name in written)]


def without_system_libraries(binaries: list[Entry]) -> list[Entry]:
    """Entries of an Analysis (name in the bundle, source, kind) without what the distribution provides."""
    return [entry for entry in binaries if not _is_system_library(entry)]


def _is_system_library(entry: Entry) -> bool:
    name, source, kind = entry
    in_system = str(Path(source).resolve()).startswith(SYSTEM_FOLDERS)
    return kind == "BINARY" and in_system and not Path(name).name.startswith(CARRIED)
