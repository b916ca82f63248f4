"""The package's life on a machine: install, run, upgrade under a running bridge, remove, purge."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from dist_house import NEWER, PROGRAM, ROOT, Built, Desk
from driver import PageError, document
from machine import Machine

ETC = "/etc/cectrust-bridge/servers.d"
AUTOSTART = "/etc/xdg/autostart/cectrust-bridge.desktop"
OWN_LOOPBACK = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
"""Before a command that listens on the bridge's own ports: a journey may be under way on the machine's."""
pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


def test_the_installed_bridge_signs_with_a_real_token(desk: Desk, pdf: bytes) -> None:
    page = desk.page()
    page.hello()
    assert page.call("env.check")["modules"] == [{"name": "SoftHSM2", "state": "ok"}]
    chosen = page.certificates()[0]
    assert desk.server.check_result(page.sign(chosen, [pdf]))["signed"] == ["doc-1"]
    page.close()


@pytest.mark.parametrize("tests", ["test_window.py", "test_main_window.py"])
def test_the_keyboard_drives_the_windows_of_the_installed_package(
    installed: Machine, tmp_path: Path, tests: str
) -> None:
    """List, consent, PIN and main window on a virtual screen: the very tests of the source, run on the copy."""
    pytest_there = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path}/inner"]
    command = f"cd {shlex.quote(str(ROOT))} && exec {shlex.join([*pytest_there, f'bridge/tests/{tests}'])}"
    noting = f'#!/bin/sh\necho "$1" >> {tmp_path}/started\nexec {PROGRAM} "$@"\n'
    (tmp_path / "noting").write_text(noting)
    (tmp_path / "noting").chmod(0o755)
    printed = installed.run("sh", "-c", command, TEST_BRIDGE=f"{tmp_path}/noting")
    assert re.search(r"^\d+ passed in ", printed, re.MULTILINE), printed
    assert "run" in (tmp_path / "started").read_text().splitlines(), "the tests ran another bridge"


def test_a_key_store_that_pretends_cannot_be_named(installed: Machine, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    installed.run(PROGRAM, "identity", "--profile", str(profile))
    (profile / "config.toml").write_text('[[fake]]\nname = "x"\n')
    done = subprocess.run(
        installed.command(PROGRAM, "run", "--profile", str(profile)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "unknown fake" in done.stderr


def test_log_in_starts_the_bridge_as_the_autostart_entry_says(installed: Machine, tmp_path: Path) -> None:
    for entry in (AUTOSTART, "/usr/share/applications/cectrust-bridge.desktop"):
        installed.run("desktop-file-validate", entry)
    lines = dict(line.split("=", 1) for line in installed.run("cat", AUTOSTART).splitlines() if "=" in line)
    assert installed.exists(lines["TryExec"])
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    with subprocess.Popen(
        installed.command(*OWN_LOOPBACK, *shlex.split(lines["Exec"])),
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "listening on 127.0.0.1:" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert (tmp_path / "config/cectrust-bridge/identity.pem").exists()


def test_only_root_can_pair_the_fleet(installed: Machine) -> None:
    assert installed.run("stat", "-c", "%U:%G %a", "/etc/cectrust-bridge", ETC).split("\n")[:2] == ["root:root 755"] * 2


def test_the_manual_is_there_in_both_languages(installed: Machine) -> None:
    for folder, words in (("man1", "signs nothing it did not hash"), ("ja/man1", "署名する人のパソコンで動きます")):
        assert words in installed.run("zcat", f"/usr/share/man/{folder}/cectrust-bridge.1.gz")


def test_an_upgrade_restarts_a_running_bridge_and_loses_no_kept_result(
    desk: Desk, installed: Machine, newer: Built, pdf: bytes
) -> None:
    page = desk.page()
    result = desk.server.check_result(page.sign(page.certificates()[0], [pdf]))
    results = page.results
    pid = desk.bridge.process.pid
    installed.run("dpkg", "--install", str(newer.package))
    again = desk.page(start=2)
    again.hello()
    assert (again.call("env.check")["bridge_version"], desk.bridge.process.pid) == (NEWER, pid)
    report = again.requested("sign.resume", "sign.resume", jti=result["jti"])
    assert (desk.server.check_result(report), again.results) == (result, results)
    again.close()
    page.close()


def test_a_signing_under_way_is_finished_before_the_bridge_restarts_and_none_begins(
    desk: Desk, installed: Machine, newer: Built, pdf: bytes
) -> None:
    page = desk.page()
    chosen = page.certificates()[0]
    desk.bridge.person.consent = None
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    confirming = page.start("sign.confirm", jti=jti)
    desk.bridge.person.wait_for("sign? [yes/no] ")
    installed.run("dpkg", "--install", str(newer.package))
    other = desk.page()
    with pytest.raises(PageError, match="busy"):
        other.certificates()
    desk.bridge.person.consent = "yes"
    desk.bridge.person.say("yes")
    assert desk.server.check_result(page.answer(confirming))["signed"] == ["doc-1"]
    again = desk.page(start=2)
    again.hello()
    assert again.call("env.check")["bridge_version"] == NEWER
    for each in (page, other, again):
        each.close()


def test_removing_ends_the_bridge_and_leaves_the_profile_and_purging_the_configuration_goes_too(
    desk: Desk, installed: Machine
) -> None:
    installed.run("sh", "-c", f"echo '{{}}' > {ETC}/fleet.json")
    installed.run("dpkg", "--remove", "cectrust-bridge")
    assert desk.bridge.process.wait(30) == 0
    assert not installed.exists(PROGRAM)
    assert not installed.exists("/usr/lib/cectrust-bridge")
    # Autostart is configuration and stays; without TryExec's program desktops ignore it.
    assert installed.exists(AUTOSTART)
    assert installed.exists(f"{ETC}/fleet.json")
    installed.run("dpkg", "--purge", "cectrust-bridge")
    for gone in (AUTOSTART, "/etc/cectrust-bridge"):
        assert not installed.exists(gone)
    assert (desk.bridge.profile / "identity.pem").exists()


def test_a_pinned_update_key_takes_no_other(newer: Built, publisher_keys: Path) -> None:
    def look(*arguments: str) -> tuple[int, str]:
        profile = str(publisher_keys / "profile")
        command = [str(newer.bundle / "cectrust-bridge"), "update", "check", *arguments, "--profile", profile, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        report = json.loads(done.stdout)
        return done.returncode, report.get("error", report.get("state"))

    other = ("--manifest", f"{publisher_keys}/other.jws")
    assert look("--manifest", f"{publisher_keys}/pinned.jws") == (11, "required")
    assert look(*other) == (1, "manifest_forged")
    assert look(*other, "--key", f"{publisher_keys}/other.json") == (1, "no_update_key")


def test_the_whole_journey_of_a_contract_passes_with_the_installed_package(installed: Machine, tmp_path: Path) -> None:
    """Server, browsers, mails and both people as in `make demo-unattended`; the bridges are the package's."""
    out = tmp_path / "journey"
    journey = f"cd {shlex.quote(str(ROOT))} && exec {sys.executable} -m tests.e2e.unattended --out {out}"
    installed.run(*OWN_LOOPBACK, "sh", "-c", journey, TEST_BRIDGE=PROGRAM)
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["verdict"]["verdict"], summary["doctor_deep_exit"]) == ("TOTAL_PASSED", 0)
    assert summary["bridges"] == dict.fromkeys("ab", installed.run("readlink", "-f", PROGRAM).strip())
