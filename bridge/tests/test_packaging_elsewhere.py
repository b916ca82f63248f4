"""What Windows' and macOS' installers are made of. Never built: what shows without building is looked at."""

from __future__ import annotations

import json
import plistlib
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cectrust_bridge.formats import jose
from cryptography.hazmat.primitives.asymmetric import ec

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "bridge/packaging"
INSTALLER = (PACKAGING / "windows/installer.iss").read_text(encoding="utf-8-sig")
MACOS = PACKAGING / "macos"


def without_comments(script: str, mark: str) -> str:
    return "\n".join(line for line in script.splitlines() if not line.startswith(mark))


def section(name: str) -> str:
    found = re.search(rf"^\[{name}\]$(.*?)(?=^\[|\Z)", INSTALLER, re.MULTILINE | re.DOTALL)
    assert found, name
    return without_comments(found.group(1), ";")


def test_the_installer_changes_no_rights_and_leaves_alone_what_users_may_have_made() -> None:
    script = without_comments(INSTALLER, ";").lower()
    for word in ("icacls", "takeown", "setowner", "commonappdata", "programdata"):
        assert word not in script
    assert "disabledirpage=yes" in script


def test_the_installer_finds_its_files_and_leaves_the_result_in_dist() -> None:
    top = re.search(r"^SourceDir=(.*)$", INSTALLER, re.MULTILINE)
    assert top
    folder = (PACKAGING / "windows" / top.group(1).replace("\\", "/")).resolve()
    assert folder == ROOT
    named = re.findall(r'^(?:Source: "|LicenseFile=)([^"{\n]+)', INSTALLER, re.MULTILINE)
    assert len(named) == 3
    for name in named:
        assert list(folder.glob(name.replace("\\", "/"))), name
    assert "OutputDir=dist\n" in INSTALLER


def test_a_running_bridge_is_ended_before_its_files_are_deleted() -> None:
    programs = re.findall(r'name="([\w-]+)", console=', (PACKAGING / "windows/cectrust-bridge.spec").read_text())
    assert len(programs) == 2
    for program in programs:
        assert f"/IM {program}.exe" in section("UninstallRun")


def test_log_in_starts_a_bridge_out_of_the_way_and_only_where_it_can_serve() -> None:
    assert 'cectrust-bridgew.exe"" run --minimised"' in section("Registry")
    conditional = INSTALLER.partition("#ifdef Serves")[2].partition("#endif")[0]
    assert "[Registry]" in conditional
    assert "[Run]" in conditional
    agent = plistlib.loads((MACOS / "jp.cectrust.bridge.plist").read_bytes())
    assert agent["ProgramArguments"][1:] == ["run", "--minimised"]
    script = (MACOS / "build-pkg.sh").read_text()
    assert "LaunchAgents" not in script.partition("run --check; then")[0]


def test_macos_installs_into_its_place_and_never_over_a_users_copy() -> None:
    (bundle,) = plistlib.loads((MACOS / "components.plist").read_bytes())
    assert bundle["RootRelativeBundlePath"] == "Applications/CECTRUST Bridge.app"
    assert bundle["BundleIsRelocatable"] is False
    assert '--component-plist "$here/components.plist"' in (MACOS / "build-pkg.sh").read_text()


def test_nothing_is_put_into_the_signed_bundle() -> None:
    script = without_comments((MACOS / "build-pkg.sh").read_text(), "#")
    copied = script.index("ditto")
    assert script.index("codesign --verify") < copied
    assert "CECTRUST Bridge.app/" not in script[copied:].replace("$app/Contents/MacOS/cectrust-bridge", "")


class Recorded:
    """Stands where PyInstaller's build steps do: remembers what it was given."""

    pure = scripts = binaries = ()

    def __init__(self, *given: Any, **named: Any) -> None:
        self.given, self.named, self.datas = given, named, named.get("datas", [])


def analysed(spec: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """What a spec hands to PyInstaller's Analysis."""
    hooks = ModuleType("PyInstaller.utils.hooks")
    monkeypatch.setattr(hooks, "collect_submodules", lambda package: [package], raising=False)
    for name in ("PyInstaller", "PyInstaller.utils", "PyInstaller.utils.hooks"):
        monkeypatch.setitem(sys.modules, name, hooks)
    monkeypatch.setattr(sys, "path", list(sys.path))
    steps = dict.fromkeys(("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE"), Recorded)
    room = {**steps, "SPECPATH": str(spec.parent)}
    try:
        exec(compile(spec.read_text(), spec.name, "exec"), room)  # noqa: S102  # as PyInstaller does
    finally:
        sys.modules.pop("contents", None)
    found = room["analysis"]
    assert isinstance(found, Recorded)
    return found


@pytest.mark.parametrize("platform", ["windows", "macos"])
def test_the_spec_pins_the_update_key(platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "update-key.json"
    key.write_text(json.dumps(jose.jwk_of(ec.generate_private_key(ec.SECP256R1()).public_key())))
    monkeypatch.setenv("UPDATE_KEY", str(key))
    monkeypatch.setenv("VERSION", "0.1.0")
    data = analysed(PACKAGING / platform / "cectrust-bridge.spec", monkeypatch).datas
    assert (str(key), "cectrust_bridge/updates") in data


@pytest.mark.parametrize(("name", "content"), [("update-key.json", "{}"), ("key.json", ""), ("update-key.json", None)])
def test_a_key_that_no_bridge_would_find_or_believe_ends_the_build(
    name: str, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    monkeypatch.setenv("UPDATE_KEY", str(tmp_path / name))
    with pytest.raises(SystemExit, match="UPDATE_KEY"):
        analysed(PACKAGING / "windows/cectrust-bridge.spec", monkeypatch)
