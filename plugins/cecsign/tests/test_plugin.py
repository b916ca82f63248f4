"""The plugin as the core sees it: hooks, commands, tables and their migration, the page."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from cecsign_support.ca import MODULE, PIN, SUBSCRIBER, Ca, make_token
from cecsign_support.serving import build_app
from cectrust_cecsign import plugin
from cectrust_cecsign.commands import cecsign
from cectrust_cecsign.secretfiles import read_pin
from cectrust_cecsign.tables import metadata
from click.testing import CliRunner, Result
from sqlalchemy import create_engine

from cectrust.plugins import load_plugins, register
from cectrust.sdk.errors import CectrustError, Misconfigured
from tests.support import postgres


def run(ca: Ca, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cecsign, arguments, obj=lambda: ca.context)
    if isinstance(result.exception, CectrustError):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def issue(ca: Ca, *more: str) -> Result:
    make_token(SUBSCRIBER)
    pin_file = ca.directory / "subscriber.pin"
    pin_file.write_text(PIN)
    pin_file.chmod(0o600)
    person = ["--name", "髙﨑𠮷郎", "--romanised", "Takasaki Yoshiro", "--organisation", "株式会社山田太郎建設工業"]
    token = ["--module", str(MODULE), "--token-label", SUBSCRIBER, "--pin-file", str(pin_file), "--kind", "p256"]
    return run(ca, "issue", *token, *person, *more)


def test_the_core_finds_every_hook_of_the_plugin(ca: Ca) -> None:
    plugins = load_plugins([EntryPoint("cecsign", "cectrust_cecsign.plugin", "cectrust")])
    registered = register(plugins, {"cecsign": ca.context})
    assert list(registered.providers) == ["cecsign"]
    assert list(registered.jobs) == ["cecsign.refresh"]
    assert [page.endpoint for _, page in registered.pages] == ["cecsign.repository"]
    assert plugins.tables()["cecsign"].metadata is metadata
    assert plugins.commands()["cecsign"] == [cecsign]


def test_every_table_bears_the_plugins_name() -> None:
    assert all(name.startswith("cecsign_") for name in metadata.tables)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_migration_makes_the_tables_that_the_code_expects(request: pytest.FixtureRequest, engine: str) -> None:
    if engine == "sqlite":
        check_migration("sqlite://")
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_socket")) as url:
        check_migration(url)


def check_migration(url: str) -> None:
    location = str(plugin.cectrust_tables().versions)
    script = ScriptDirectory(location, version_locations=[location])
    [head] = script.get_revisions("heads")
    assert head.branch_labels == {"cecsign"}
    engine = create_engine(url)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            head.module.upgrade()
            assert compare_metadata(context, metadata) == []
            head.module.downgrade()
    engine.dispose()


def test_init_ca_finishes_and_can_be_repeated_without_changing_anything(ca: Ca) -> None:
    before = run(ca, "show").output
    assert run(ca, "init-ca").output == before
    assert [line.split("\t")[0] for line in before.splitlines()] == ["root", "issuing", "tsa"]


def test_a_certificate_is_issued_shown_and_revoked_from_the_command_line(ca: Ca) -> None:
    serial, number, _ = issue(ca).output.strip().split("\t")
    assert f"{serial}\t{number}\tdelivered\t髙﨑𠮷郎" in run(ca, "show").output
    evidence = ["--reason", "superseded", "--requester", "本人", "--evidence", "届出 2026-001"]
    run(ca, "revoke", serial.upper(), *evidence)
    assert f"{serial}\t{number}\trevoked" in run(ca, "show").output
    assert "CRL 3" in run(ca, "crl", "issuing").output


def test_issue_wants_one_token_and_refuses_an_unknown_one(ca: Ca) -> None:
    person = ["--name", "髙", "--romanised", "Taka", "--organisation", "会社", "--module", str(MODULE)]
    run(ca, "issue", *person, code=2)
    run(ca, "issue", *person, "--token-label", "a", "--slot", "0", code=2)
    pin_file = ca.directory / "ca.pin"
    with pytest.raises(CectrustError, match=r"cecsign\.token_unavailable"):
        run(ca, "issue", *person, "--token-label", "nowhere", "--pin-file", str(pin_file))


def test_the_tsa_key_is_private_its_chain_verifies_and_a_repetition_changes_nothing(ca: Ca, tmp_path: Path) -> None:
    out = tmp_path / "tsa"
    assert "警告" in run(ca, "issue-tsa", str(out)).stderr
    key, chain = out / "tsa-key.pem", out / "tsa-chain.pem"
    first = (key.read_bytes(), chain.read_bytes())
    run(ca, "issue-tsa", str(out))
    assert (key.read_bytes(), chain.read_bytes()) == first
    assert key.stat().st_mode & 0o777 == 0o600
    run(ca, "roots", str(tmp_path / "roots"))
    command = ["openssl", "verify", "-x509_strict", "-purpose", "timestampsign"]
    subprocess.run([*command, "-CAfile", str(tmp_path / "roots/tsa-root.pem"), str(chain)], check=True)
    text = subprocess.run(["openssl", "x509", "-in", chain, "-text", "-noout"], check=True, capture_output=True)
    assert b"Extended Key Usage: critical\n                Time Stamping" in text.stdout


def test_the_tsa_stands_under_a_root_of_its_own(ca: Ca, tmp_path: Path) -> None:
    run(ca, "issue-tsa", str(tmp_path))
    run(ca, "roots", str(tmp_path))
    command = ["openssl", "verify", "-CAfile", str(tmp_path / "cecsign-root.pem"), str(tmp_path / "tsa-chain.pem")]
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def test_the_repository_page_shows_fingerprints_and_crls_in_japanese(ca: Ca) -> None:
    client = build_app(ca.context).test_client()
    page = client.get("/cecsign/").get_data(as_text=True)
    fingerprints = [line.split("\t")[1] for line in run(ca, "show").output.splitlines()]
    shown = page.replace(":<wbr>", "").lower()
    assert all(fingerprint in shown for fingerprint in fingerprints)
    assert "認定外（試験用）" in page
    assert "失効リスト" in page
    for path in ("ca/root.cer", "crl/issuing.crl"):
        assert client.get(f"/cecsign/{path}").headers["Content-Disposition"].startswith("attachment")
    for path in ("ca/other.cer", "crl/../../x.crl"):
        assert client.get(f"/cecsign/{path}").status_code == 404


def test_a_web_process_loads_neither_pkcs11_nor_the_linter() -> None:
    program = """
import sys
from types import SimpleNamespace
from cectrust_cecsign import plugin
context = SimpleNamespace(settings=SimpleNamespace(repository_host='127.0.0.1'))
for hook in (plugin.cectrust_pages, plugin.cectrust_certificate_providers, plugin.cectrust_jobs):
    hook(context)
plugin.cectrust_settings_section(), plugin.cectrust_tables()
sys.exit(any(name.split(".")[0] in {"pkcs11", "pkilint"} for name in sys.modules))
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_pin_files_that_others_can_read_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    path.write_text("1234\n")
    path.chmod(0o640)
    with pytest.raises(Misconfigured):
        read_pin(path)
    path.chmod(0o600)
    assert read_pin(path) == "1234"
    path.write_text("\n")
    with pytest.raises(Misconfigured):
        read_pin(path)
