"""The command line as an administrator uses it, in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port

TIMEOUT = 120
LEAST = 'data_dir = "data"\n[server]\nbase_url = "http://localhost:{port}"\nport = {port}\nweb_processes = 1\n'


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "cectrust.toml").write_text(LEAST.format(port=free_port()))
    return tmp_path


def environment(house: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "PYTHONPATH": ":".join(sys.path), "CECTRUST_SETTINGS": str(house / "cectrust.toml")}


def run(house: Path, *arguments: str, status: int = 0) -> str:
    """Run ``cectrust …``; returns what it said on both streams."""
    command = [sys.executable, "-m", "cectrust", *arguments]
    ended = subprocess.run(command, env=environment(house), capture_output=True, text=True, timeout=TIMEOUT)
    assert ended.returncode == status, ended.stderr
    return ended.stdout + ended.stderr


def test_an_unmigrated_server_does_not_start_and_says_what_to_do(house: Path) -> None:
    said = run(house, "serve", status=1)
    assert "cectrust db upgrade" in said
    assert "Traceback" not in said


def test_wrong_settings_are_told_without_a_traceback(house: Path) -> None:
    (house / "cectrust.toml").write_text('data_dir = "data"\n[server]\nprot = 1\n')
    said = run(house, "doctor", status=1)
    assert "server.prot" in said
    assert "Traceback" not in said


def test_accounts_are_opened_with_a_password_that_is_shown_once(house: Path) -> None:
    run(house, "db", "upgrade")
    person = ("--person", "髙﨑𠮷乃", "--mail", "yoshino@kou.example.jp")
    company = json.loads(run(house, "company", "add", "--name", "株式会社甲建設", "--login", "kou", *person))
    user = json.loads(run(house, "user", "add", "--company", company["company"], "--login", "yoshino", *person))
    rows = sqlite3.connect(house / "data" / "cectrust.db").execute("SELECT * FROM identity_accounts").fetchall()
    assert "髙﨑𠮷乃" in repr(rows)
    assert user["password"] not in repr(rows)
    assert company["password"] not in repr(rows)
    assert "taken" in run(
        house, "user", "add", "--company", company["company"], "--login", "yoshino", *person, status=1
    )


def test_the_second_factor_has_a_way_back_on_the_server_itself(house: Path) -> None:
    run(house, "db", "upgrade")
    run(house, "company", "add", "--name", "甲", "--login", "kou", "--person", "甲", "--mail", "a@example.jp")
    issued = json.loads(run(house, "user", "recovery-codes", "--login", "kou"))
    assert len(set(issued["recovery_codes"])) == 10
    assert json.loads(run(house, "user", "second-factor-off", "--login", "KOU"))["second_factor"] == "off"
    with sqlite3.connect(house / "data" / "cectrust.db") as database:
        assert database.execute("SELECT count(*) FROM authentication_recovery_codes").fetchone() == (0,)
        acts = [act for (act,) in database.execute("SELECT act FROM journal_acts ORDER BY id")]
    assert acts[-2:] == ["account.recovery_codes_issued", "account.second_factor_reset"]


def test_an_id_is_closed_and_opened_again_on_the_server_itself(house: Path) -> None:
    run(house, "db", "upgrade")
    run(house, "company", "add", "--name", "甲", "--login", "kou", "--person", "甲", "--mail", "a@example.jp")
    assert json.loads(run(house, "user", "deactivate", "--login", "KOU"))["active"] is False
    assert "closed already" in run(house, "user", "deactivate", "--login", "kou", status=1)
    assert json.loads(run(house, "user", "activate", "--login", "kou"))["active"] is True
    with sqlite3.connect(house / "data" / "cectrust.db") as database:
        assert database.execute("SELECT active FROM identity_accounts").fetchone() == (1,)


def test_a_lost_token_is_unbound_on_the_server_itself_and_the_second_factor_stays(house: Path) -> None:
    run(house, "db", "upgrade")
    run(house, "company", "add", "--name", "甲", "--login", "kou", "--person", "甲", "--mail", "a@example.jp")
    with sqlite3.connect(house / "data" / "cectrust.db") as database:
        (account,) = database.execute("SELECT id FROM identity_accounts").fetchone()
        row = ("c" * 32, account, "k", "d" * 64, "1", "d" * 64, "e" * 64, b"", "髙﨑 𠮷乃", 0, 2**52, 1, None)
        database.execute(f"INSERT INTO certificate_bindings VALUES ({','.join('?' * 13)})", row)  # noqa: S608
        database.execute("UPDATE identity_accounts SET second_factor = 1")
    listed = json.loads(run(house, "certificate", "list", "--login", "KOU"))
    assert (listed["certificate_sha256"], listed["holder"]) == ("e" * 64, "髙﨑 𠮷乃")
    named = ("certificate", "unbind", "--login", "kou", "--sha256", "E" * 64)
    assert "reason" in run(house, *named, status=2)
    assert json.loads(run(house, *named, "--reason", "紛失の届け出"))["second_factor"] == "on"
    assert "No such certificate" in run(house, *named, "--reason", "もう一度", status=1)
    assert run(house, "certificate", "list", "--login", "kou") == ""
    with sqlite3.connect(house / "data" / "cectrust.db") as database:
        told = database.execute("SELECT detail FROM journal_acts WHERE act = 'certificate.unbound'").fetchall()
    assert [json.loads(detail)["reason"] for (detail,) in told] == ["紛失の届け出"]


def test_the_doctor_finds_a_healthy_house_healthy_and_names_what_was_changed(house: Path) -> None:
    run(house, "db", "upgrade")
    run(house, "keys", "init")
    run(house, "company", "add", "--name", "甲", "--login", "kou", "--person", "甲", "--mail", "a@example.jp")
    assert "journal: ok" in run(house, "doctor", "--deep")
    with sqlite3.connect(house / "data" / "cectrust.db") as database:
        database.execute("ALTER TABLE journal_acts ADD COLUMN forgotten TEXT")
    said = run(house, "doctor", status=1)
    assert "schema_differs" in said
    assert "forgotten" in run(house, "db", "check", status=1)


@pytest.fixture
def serving(house: Path) -> Iterator[subprocess.Popen[str]]:
    run(house, "db", "upgrade")
    run(house, "keys", "init")
    command = [sys.executable, "-m", "cectrust", "serve"]
    process = subprocess.Popen(command, env=environment(house), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert process.stdout.readline().startswith("CECTRUST: http://localhost:")
        yield process
    finally:
        process.terminate()  # the supervisor ends its children; killing it would orphan them
        process.communicate(timeout=TIMEOUT)


def test_serve_starts_everything_answers_and_ends_cleanly(house: Path, serving: subprocess.Popen[str]) -> None:
    base_url = (house / "cectrust.toml").read_text().split('base_url = "')[1].split('"')[0]
    with urllib.request.urlopen(f"{base_url}/sign-in") as page:  # noqa: S310 -- our own address
        assert "認定外（試験用）" in page.read().decode()
    assert "keys: ok" in run(house, "doctor")
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(60) == 0
    assert not (house / "data" / "run" / "keys.sock").exists()


def test_a_plugin_s_command_stands_beside_ours(house: Path) -> None:
    said = run(house, "--help")
    for command in ("serve", "work", "keys", "db", "doctor", "verify", "company", "user"):
        assert f"  {command}" in said
