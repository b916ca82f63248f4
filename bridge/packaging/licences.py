"""Writes debian/copyright (DEP-5) for the package: ours, and the text of every distribution in the bundle.

Runs in the build environment: what is installed there is what is bundled.
"""

from __future__ import annotations

import sys
import sysconfig
from importlib.metadata import Distribution, distributions
from pathlib import Path

PACKAGING = Path(__file__).parent
TOOLS_ONLY = ("pip", "setuptools", "altgraph", "packaging", "pyinstaller-hooks-contrib")
WORDS = ("licen", "copying", "notice", "authors")
# Tcl/Tk are copied from the system, whose package documents them.
TCL = Path("/usr/share/doc/libtcl8.6/copyright")


def licence_texts(distribution: Distribution) -> str:
    """All licence files of one distribution, one after the other; empty if it has none."""
    found = [path for path in distribution.files or [] if _is_licence(path.as_posix())]
    return "\n".join(Path(str(path.locate())).read_text(encoding="utf-8", errors="replace") for path in sorted(found))


def _is_licence(path: str) -> bool:
    _, is_metadata, inside = path.partition(".dist-info/")
    return bool(is_metadata) and any(word in inside.lower() for word in WORDS)


def bundled() -> list[Distribution]:
    """Distributions whose code is in the bundle, by name. PyInstaller counts: its boot loader is."""
    found = {each.name.lower(): each for each in distributions()}
    return [found[name] for name in sorted(found) if name not in TOOLS_ONLY]


def python_licence() -> str:
    """The licence of the Python that runs this."""
    places = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path("/usr/share/doc/python3/copyright")]
    return next((place.read_text(encoding="utf-8") for place in places if place.exists()), "")


def stanza(files: str, name: str, text: str) -> str:
    """One Files and one License paragraph."""
    lines = [f" {line.rstrip()}" if line.strip() else " ." for line in text.strip().splitlines()]
    return f"Files: {files}\nCopyright: the authors named in the licence\nLicense: {name}\n" + "\n".join(lines) + "\n"


def main() -> int:
    """Exit status 1 if a text is missing."""
    texts = {each.name: licence_texts(each) for each in bundled()}
    texts |= {"Python": python_licence(), "Tcl-Tk": TCL.read_text(encoding="utf-8") if TCL.exists() else ""}
    if missing := sorted(name for name, text in texts.items() if not text.strip()):
        sys.stderr.write(f"no licence text: {', '.join(missing)}\n")
        return 1
    head = (PACKAGING / "linux/copyright").read_text(encoding="utf-8")
    own = stanza("*", "Apache-2.0", "The full text is in /usr/share/common-licenses/Apache-2.0.")
    others = [stanza(f"usr/lib/cectrust-bridge/_internal/{name}*", name, text) for name, text in texts.items()]
    Path(sys.argv[1]).write_text("\n".join([head, own, *others]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
