"""Installed browsers and their versions, from what packages, snaps and flatpaks leave on disk."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from cectrust_bridge.doctor import browsers
from cectrust_bridge.doctor.finding import Finding, State
from cectrust_bridge.doctor.surroundings import Surroundings
from cectrust_bridge.profile.folder import Profile
from doctor_house import Computer, one

GOOD, DOUBTFUL = State.GOOD, State.DOUBTFUL
DPKG = """\
Package: chromium-browser
Status: install ok installed
Version: 1:85.0-0ubuntu0.22.04.1

Package: chromium
Status: install ok installed
Version: {chromium}

Package: google-chrome-stable
Status: deinstall ok config-files
Version: 100.0
"""
METADATA = '<component><releases><release version="151.0.2" date="x"/><release version="90"/></releases></component>'


def test_a_debian_package_says_its_version_and_one_that_was_removed_does_not(pc: Computer) -> None:
    one(browsers.versions(pc.around), "browser.none", DOUBTFUL)
    pc.write("/usr/lib/chromium/chromium", "")
    pc.write("/var/lib/dpkg/status", DPKG.format(chromium="156.0.8078.108-1~deb12u1"))
    assert one(browsers.versions(pc.around), "browser.supported", GOOD).facts["version"] == "156.0.8078.108-1~deb12u1"
    pc.write("/var/lib/dpkg/status", DPKG.format(chromium="2:120.0.6099"))
    assert "147" in one(browsers.versions(pc.around), "browser.outdated", DOUBTFUL).do_ja


def test_a_program_without_a_package_says_its_version_or_that_it_has_none(pc: Computer) -> None:
    pc.write("/opt/firefox/firefox", "")
    pc.write("/opt/firefox/application.ini", "[App]\nVersion=139.0\n[Gecko]\nMinVersion=1\n")
    assert one(browsers.versions(pc.around), "browser.outdated", DOUBTFUL).facts["wanted"] == 140
    pc.write("/opt/google/chrome/chrome", "")
    assert [each.code for each in browsers.versions(pc.around)] == ["browser.unversioned", "browser.outdated"]


def test_snaps_and_flatpaks_are_called_so(pc: Computer) -> None:
    pc.write("/snap/firefox/current/meta/snap.yaml", "name: firefox\nversion: 151.0-1\nsummary: x\n")
    flatpak = "/var/lib/flatpak/app/com.google.Chrome/current/active/export/share/metainfo"
    pc.write(f"{flatpak}/com.google.Chrome.metainfo.xml", METADATA)
    found = browsers.versions(pc.around)
    assert [(each.code, each.facts["browser"]) for each in found] == [
        ("browser.supported", "Firefox（snap）"),
        ("browser.supported", "Chrome（flatpak）"),
    ]


def test_the_browsers_of_this_computer_have_the_versions_that_they_say_themselves(pc: Computer) -> None:
    here = {each.name: each for each in browsers.installed(Surroundings(Profile(pc.profile.folder)))}
    for name, program in (("Chromium", "/usr/bin/chromium"), ("Firefox ESR", "/usr/bin/firefox-esr")):
        said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
        number = re.search(r"\d+", said)
        assert number is not None
        assert here[name].major() == int(number[0])


def test_elsewhere_nothing_is_said_to_be_good(pc: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    found: list[Finding] = browsers.versions(pc.around)
    one(found, "browser.unexamined", DOUBTFUL)
