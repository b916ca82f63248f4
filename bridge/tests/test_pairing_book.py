"""Pairing files of the user and of the administrator, and the commands that make and remove them."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path

import ceremony_cases as ceremony
import pytest
from cectrust_bridge.pairing import errors
from cectrust_bridge.profile.folder import Profile
from cectrust_bridge.service import ceremony as act
from pairing_cases import PAIRING
from pairing_site import CODE, DESCRIPTION, HINT, PairingSite, refusal, served
from running import BRIDGE
from tokens import STRANGER


def fleet_file(tmp_path: Path, site: PairingSite) -> Path:
    (tmp_path / "fleet").mkdir(mode=0o755, exist_ok=True)
    path = tmp_path / "fleet" / "company.json"
    path.write_text(json.dumps(site.facts(), ensure_ascii=False))
    path.chmod(0o644)
    return path


def test_an_administrator_s_file_pairs_everybody_on_the_computer(
    profile: Profile, site: PairingSite, tmp_path: Path
) -> None:
    fleet_file(tmp_path, site)
    (found,) = profile.book.servers()
    assert (found.fleet, found.registration, found.issuer) == (True, "", site.origin)
    with pytest.raises(errors.ByAdministrator):
        act.unpair(profile, site.origin)


def test_an_administrator_s_server_is_registered_for_the_user_by_his_code(
    profile: Profile, site: PairingSite, tmp_path: Path
) -> None:
    fleet_file(tmp_path, site)
    act.pair(profile, site.origin, CODE)
    found = profile.pairings()[site.origin]
    assert (found.fleet, found.user_hint, found.registration) == (True, HINT, ceremony.REGISTRATION)
    assert act.unpair(profile, site.origin).not_told is None
    assert profile.pairings()[site.origin].registration == ""


def test_an_administrator_s_file_pins_the_key_before_any_code(
    profile: Profile, site: PairingSite, tmp_path: Path
) -> None:
    fleet_file(tmp_path, site)
    site.identity = STRANGER
    assert refusal(profile, site.origin) is errors.IdentityChanged
    assert [path for path, _ in site.requests] == [DESCRIPTION]


@pytest.mark.parametrize("what", ["folder open", "file open", "a link", "owner", "a user in it"])
def test_an_administrator_s_file_that_others_may_change_closes_the_book(
    profile: Profile, site: PairingSite, tmp_path: Path, what: str
) -> None:
    file = fleet_file(tmp_path, site)
    assert profile.book.current()
    if what == "folder open":
        file.parent.chmod(0o777)
    elif what == "file open":
        file.chmod(0o666)
    elif what == "a link":
        file.rename(tmp_path / "elsewhere.json")
        file.symlink_to(tmp_path / "elsewhere.json")
    elif what == "owner":
        profile = Profile(profile.folder, file.parent, fleet_owner=os.getuid() + 1)
        if os.getuid() == 0:
            os.chown(file, 12345, 12345)
    else:
        file.write_text(json.dumps({**site.facts(), "user_hint": HINT}))
    with pytest.raises(errors.PairingError, match=r"company\.json|fleet|changed"):
        profile.book.load()
    assert profile.book.current() == {}


def test_the_book_notices_files_that_come_and_go(profile: Profile, site: PairingSite) -> None:
    assert profile.book.current() == {}
    act.pair(Profile(profile.folder, profile.folder / "none"), site.origin, CODE)
    assert set(profile.book.current()) == {site.origin}
    broken = profile.folder / "servers" / "broken.json"
    broken.write_text("{")
    assert profile.book.current() == {}, "nobody knows which pairing the file was to end"
    broken.unlink()
    assert set(profile.book.current()) == {site.origin}
    act.unpair(profile, site.origin)
    assert profile.book.current() == {}


def run(profile: Profile, *arguments: str, code: str = "") -> tuple[int, str, str]:
    """The command itself, as a process."""
    done = subprocess.run(
        [*BRIDGE, *arguments, "--profile", str(profile.folder)], input=code, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_line_pairs_lists_and_leaves(profile: Profile, site: PairingSite) -> None:
    status, out, _ = run(profile, "pair", site.origin, "--code-stdin", "--json", code=f"{CODE}\n")
    assert (status, json.loads(out)["issuer"], json.loads(out)["paired_by"]) == (0, site.origin, "user")
    assert "CECTRUST（試験用）" in run(profile, "servers")[1]
    status, out, _ = run(profile, "unpair", site.origin, "--json")
    assert (status, json.loads(out)["server_told"]) == (0, True)
    assert run(profile, "servers", "--json")[:2] == (0, "[]\n")


def test_the_command_line_says_by_its_status_what_went_wrong(profile: Profile) -> None:
    with served(PairingSite()) as site:
        assert run(profile, "pair", site.origin, "--code-stdin", code="wrong\n")[0] == 1
        assert run(profile, "pair", site.origin)[0] == 1, "without a terminal a code is not asked for"
        assert run(profile, "pair", site.origin, "--code-stdin", code=CODE)[0] == 0
    status, out, said = run(profile, "pair", site.origin, "--code-stdin", "--json", code=CODE)
    assert (status, json.loads(out)["error"]) == (3, "server_unreachable")
    assert CODE not in said
    assert run(profile, "unpair", site.origin)[0] == 4
    assert run(profile, "unpair", site.origin)[0] == 1


def test_a_server_that_leaves_while_the_book_is_read_ends_nobody_elses_pairing(profile: Profile) -> None:
    """The first file is a pipe: while the book waits for it, the second one, listed already, goes."""
    servers = profile.folder / "servers"
    [stays] = PAIRING["origins"]
    os.mkfifo(servers / "0.json")
    other = {**PAIRING, "issuer": "https://b.example.jp", "origins": ["https://b.example.jp"]}
    (servers / "1.json").write_text(json.dumps(other))

    def leave() -> None:
        with (servers / "0.json").open("w") as pipe:
            (servers / "1.json").unlink()
            pipe.write(json.dumps(PAIRING))

    leaving = threading.Thread(target=leave)
    leaving.start()
    assert profile.book.current().keys() == {stays}
    leaving.join()
