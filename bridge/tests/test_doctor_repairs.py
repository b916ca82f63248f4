"""Repairs of browser policies and of pairings: merged, undone to the byte, honest about what they leave alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cectrust_bridge.doctor import pairing_repair, policies, policy_repair, servers
from cectrust_bridge.doctor.finding import Finding, State
from cectrust_bridge.doctor.repair_book import Change, RepairBook, RepairError
from cectrust_bridge.doctor.surroundings import Surroundings
from cectrust_bridge.profile.folder import Profile
from doctor_house import Computer, one
from doctor_patient import SECONDS, Patient, tree
from driver import ORIGIN
from pairing_site import CODE, PairingSite

MANAGED = "/etc/chromium/policies/managed"
COMPANY = (
    '{\n\t"HomepageLocation": "https://会社.example.jp",\n\t"LoopbackNetworkAllowedForUrls": ["https://a.jp"]\n}\n'
)
FIREFOX_COMPANY = '{"policies": {"DisableTelemetry": true, "LocalNetworkAccess": {"Enabled": true}}}'
NAMED, NOBODY = ("--repair", "policy", "--server", ORIGIN), 65534
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may give a program another /etc")


def mended(pc: Computer) -> list[str]:
    """The findings after the repair, which is then undone; every byte must be back."""
    before = tree(pc.root)
    book = RepairBook(pc.profile.folder)
    book.make(policy_repair.plan(pc.around).changes)
    codes = [each.code for each in policies.of_browsers(pc.around)]
    book.undo()
    assert tree(pc.root) == before
    return codes


@pytest.mark.parametrize(
    "there",
    [
        {},
        {"cectrust.json": '{"LoopbackNetworkAllowedForUrls": ["https://other.example.jp"]}'},
        {"cectrust.json": "{}", "company.json": COMPANY},
        {"a.json": COMPANY, "z.json": '{"LoopbackNetworkAllowedForUrls": ["https://z.jp"]}'},
        {"company.json": '{"LocalNetworkBlockedForUrls": ["*"]}'},
    ],
)
def test_an_allowance_is_merged_into_the_list_that_chromium_obeys(paired: Computer, there: dict[str, str]) -> None:
    paired.write("/usr/bin/chromium", "")
    for name, text in there.items():
        paired.write(f"{MANAGED}/{name}", text)
    chromium = policies.CHROMIUMS[0]
    before = policies.in_force(paired.around, chromium)
    [change] = policy_repair.plan(paired.around).changes
    assert change.content is not None
    after = json.loads(change.content)
    assert after["LoopbackNetworkAllowedForUrls"] == [*before.get("LoopbackNetworkAllowedForUrls", []), ORIGIN]
    assert change.mode == 0o644
    assert mended(paired) == ["policy.allows"]


def test_a_file_keeps_its_indentation_and_its_other_members(paired: Computer) -> None:
    paired.write("/usr/bin/chromium", "")
    paired.write(f"{MANAGED}/company.json", COMPANY)
    [change] = policy_repair.plan(paired.around).changes
    assert change.content is not None
    assert change.content.decode().startswith('{\n\t"HomepageLocation": "https://会社.example.jp",\n')


@pytest.mark.parametrize("place", ["/etc/firefox/policies", "/usr/lib/firefox-esr/distribution"])
def test_an_allowance_is_merged_into_the_file_that_firefox_obeys(paired: Computer, place: str) -> None:
    paired.write("/usr/bin/firefox-esr", "")
    file = paired.write(f"{place}/policies.json", FIREFOX_COMPANY)
    [change] = policy_repair.plan(paired.around).changes
    assert change.path == file
    assert json.loads(change.content or b"") == {
        "policies": {"DisableTelemetry": True, "LocalNetworkAccess": {"Enabled": True, "SkipDomains": ["localhost"]}}
    }
    assert mended(paired) == ["policy.allows"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"LoopbackNetworkBlockedForUrls": ["*"]}', "LoopbackNetworkBlockedForUrls"),
        ('{"LocalNetworkAccessBlockedForUrls": ["*"]}', "LocalNetworkAccessBlockedForUrls"),
        ('{"LoopbackNetworkAllowedForUrls": "*"}', "手で書き足してください"),
        ('{"A": 1, "A": 2}', "手で書き足してください"),
        ("{ // allowed by Chromium\n}", "手で書き足してください"),
        (f'{{"LoopbackNetworkAllowedForUrls": ["{ORIGIN}"]}}', "もう許可されています"),
    ],
)
def test_a_block_is_named_and_not_fought_and_what_is_not_understood_is_left_alone(
    paired: Computer, text: str, said: str
) -> None:
    paired.write("/usr/bin/chromium", "")
    paired.write(f"{MANAGED}/company.json", text)
    plan = policy_repair.plan(paired.around)
    assert (list(plan.changes), plan.command) == ([], "")
    assert said in plan.remarks[0]


def test_a_repair_of_several_files_is_whole_or_not_at_all(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    second.mkdir()  # a folder can be neither read nor replaced as a file
    book = RepairBook(tmp_path / "profile")
    with pytest.raises(RepairError):
        book.make([Change("policy", first, b"1"), Change("policy", second, b"2")])
    assert not first.exists()
    with pytest.raises(RepairError):
        book.last()


class Administrator:
    """Runs the command as root with an /etc of its own, in which a company has its policies."""

    def __init__(self, folder: Path) -> None:
        self.etc, self.profile = folder / "etc", folder / "root-profile"
        shutil.copytree("/etc", self.etc, symlinks=True)
        for browser in ("chromium", "firefox"):
            shutil.rmtree(self.etc / browser, ignore_errors=True)
        (self.etc / "chromium/policies/managed").mkdir(parents=True)
        (self.etc / "chromium/policies/managed/company.json").write_text(COMPANY)

    def run(self, *arguments: str, profile: Path | None = None, user: int = 0) -> tuple[int, str]:
        """Python may lie where another user cannot read it: he takes over when everything is loaded."""
        code = f"import os, sys; from cectrust_bridge.cli import main; os.setuid({user}); main(sys.argv[1:])"
        command = [sys.executable, "-c", code, "doctor", "--profile", str(profile or self.profile), *arguments]
        within = f'mount --bind {self.etc} /etc && exec "$@"'
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", within, "sh", *command], capture_output=True, text=True, timeout=SECONDS
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def administrator(tmp_path: Path) -> Administrator:
    return Administrator(tmp_path)


@needs_root
def test_an_administrator_merges_policies_for_every_browser_and_takes_them_back_to_the_byte(
    administrator: Administrator,
) -> None:
    before = tree(administrator.etc)
    status, said = administrator.run(*NAMED, "--yes")
    assert status == 0, said
    merged = json.loads((administrator.etc / "chromium/policies/managed/company.json").read_bytes())
    assert merged["LoopbackNetworkAllowedForUrls"] == ["https://a.jp", ORIGIN]
    firefox = administrator.etc / "firefox/policies/policies.json"
    assert json.loads(firefox.read_bytes()) == {"policies": {"LocalNetworkAccess": {"SkipDomains": ["localhost"]}}}
    assert [each.stat().st_mode & 0o777 for each in (firefox, firefox.parent)] == [0o644, 0o755]
    assert administrator.run(*NAMED, "--yes")[0] == 3, "nothing is left to do"
    status, said = administrator.run("--undo", "--yes")
    assert status == 0, said
    assert tree(administrator.etc) == before


@needs_root
def test_another_user_is_told_what_an_administrator_runs_and_root_trusts_no_book_of_his(
    administrator: Administrator,
) -> None:
    before = tree(administrator.etc)
    with tempfile.TemporaryDirectory() as folder:  # that of a test is closed to others
        os.chown(folder, NOBODY, NOBODY)
        profile = Path(folder)
        status, said = administrator.run(*NAMED, "--yes", profile=profile, user=NOBODY)
        assert status == 3
        assert f"sudo -H cectrust-bridge doctor --repair policy --server {ORIGIN}" in said
        for act in (NAMED, ("--undo",)):
            status, said = administrator.run(*act, "--yes", profile=profile)
            assert status == 3
            assert "sudo -H" in said
    assert tree(administrator.etc) == before


def book_of(patient: Patient) -> list[Finding]:
    return servers.pairings(Surroundings(Profile(patient.profile)))


def written(patient: Patient, name: str, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    (patient.profile / "servers" / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("kind", ["no JSON", "a contradiction", "unreadable form"])
def test_pairing_files_that_close_the_book_are_moved_away_and_come_back_to_the_byte(
    patient: Patient, site: PairingSite, kind: str
) -> None:
    wrong = {"no JSON": "{", "a contradiction": {**site.facts(), "issuer": "https://b.jp", "user_hint": "x"}}
    written(patient, "two.json", wrong.get(kind, {"v": 2}))
    before = tree(patient.profile)
    one(book_of(patient), "pairing.broken", State.BAD)
    refused = patient.run("--repair", "pairing", typed="no\n")
    assert (refused.returncode, tree(patient.profile)) == (3, before)
    assert "two.json" in refused.stdout
    done = patient.run("--repair", "pairing", "--yes")
    assert done.returncode == 0, done.stderr
    left = {each.name for each in (patient.profile / "servers").iterdir()}
    assert "two.json" not in left
    assert bool(left) == (kind != "a contradiction"), "of two that contradict each other both go"
    assert [each.code for each in book_of(patient)] == ["pairing.some" if left else "pairing.none"]
    assert patient.run("--undo", "--yes").returncode == 0
    assert tree(patient.profile) == before


def test_after_the_repair_the_person_is_led_to_pair_anew(patient: Patient, site: PairingSite) -> None:
    [whole] = (patient.profile / "servers").iterdir()
    whole.write_text(whole.read_text()[:40])
    done = patient.run("--repair", "pairing", typed=f"yes\n{site.origin}\n{CODE}\n")
    assert done.returncode == 0, done.stderr
    assert "登録しました" in done.stdout
    one(book_of(patient), "pairing.some", State.GOOD)


def test_pairings_that_are_right_are_left_and_the_way_to_pair_anew_is_said(patient: Patient, site: PairingSite) -> None:
    before = tree(patient.profile)
    done = patient.run("--repair", "pairing", "--yes")
    assert done.returncode == 3
    assert f"cectrust-bridge unpair {site.origin}" in done.stdout
    assert tree(patient.profile) == before


def test_a_wrong_file_of_the_administrators_is_his_to_mend(paired: Computer) -> None:
    fleet = paired.root.parent / "fleet"
    fleet.mkdir()
    (fleet / "all.json").write_text("{")
    around = replace(paired.around, profile=type(paired.profile)(paired.profile.folder, fleet, os.getuid()))
    with pytest.raises(RepairError, match=r"all\.json"):
        pairing_repair.plan(around)
