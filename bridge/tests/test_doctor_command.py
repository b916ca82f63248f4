"""`cectrust-bridge doctor` as a person runs it: tokens, clocks, test signature, reports, repairs and their undoing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from bridge_house import MODULE, PIN
from cectrust_bridge.doctor import trial
from doctor_patient import SECONDS, Patient, tree
from running import BRIDGE, Person


def test_tokens_and_certificates_are_examined_without_their_serial_numbers_and_holders(patient: Patient) -> None:
    done = patient.run("--json")
    codes = {each["code"]: each["state"] for each in json.loads(done.stdout)["findings"]}
    good = {"token.present", "certificate.valid", "server.same", "clock.right", "module.fits"}
    assert {code: codes.get(code) for code in good} == dict.fromkeys(good, "good")
    assert done.returncode == 1, "no bridge runs, which is bad"
    [token] = (patient.token.folder / "tokens").iterdir()
    for secret in ("山田", "髙﨑", "𠮷乃", PIN, str(patient.home), token.name[-8:]):
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("later", "bad"),
    [
        ("+1h", {"clock.wrong": "doubtful", "certificate.valid": "good"}),
        ("+320d", {"clock.far": "bad", "certificate.ending": "doubtful"}),
        ("+400d", {"clock.far": "bad", "certificate.expired": "bad"}),
        ("-3d", {"clock.far": "bad", "certificate.early": "bad"}),
    ],
)
def test_a_wrong_clock_is_noticed_and_dates_are_judged_by_it(patient: Patient, later: str, bad: dict[str, str]) -> None:
    findings = patient.findings(later)
    assert {code: findings[code]["state"] for code in bad} == bad


def test_an_empty_computer_has_no_token_and_a_module_that_does_not_load_is_named(patient: Patient) -> None:
    for token in (patient.token.folder / "tokens").iterdir():
        for file in token.iterdir():
            file.unlink()
        token.rmdir()
    config = patient.profile / "config.toml"
    config.write_text(config.read_text() + '\n[[pkcs11]]\nname = "libc"\npath = "/lib/x86_64-linux-gnu/libc.so.6"\n')
    findings = patient.findings()
    assert findings["token.absent"]["state"] == "bad"
    assert findings["module.fails"]["facts"] == {"name": "libc"}


def signed(patient: Patient, consent: str, pin: str) -> tuple[int, str]:
    command = [*BRIDGE, "doctor", "--profile", str(patient.profile), "--test-signature", "--terminal"]
    with subprocess.Popen(
        command, env=patient.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        person = Person(process)
        person.consent, person.pin = consent, pin
        status = process.wait(SECONDS)
        person.leave()
    return status, person.transcript


def test_a_test_signature_takes_consent_and_pin_and_binds_nobody(patient: Patient) -> None:
    _, said = signed(patient, "yes", PIN)
    assert "=== CECTRUST BRIDGE: DOCTOR.TRIAL ===" in said
    assert "[signature.made]" in said
    assert "書類への署名ではありません" in said
    assert PIN not in said
    assert not trial.SENTENCE.startswith((b"cectrust-auth-v1", b"\x31"))


@pytest.mark.parametrize(("consent", "pin", "error"), [("no", PIN, "user_cancelled"), ("yes", "0000", "pin_incorrect")])
def test_a_test_signature_that_fails_says_why(patient: Patient, consent: str, pin: str, error: str) -> None:
    status, said = signed(patient, consent, pin)
    assert status == 1
    assert "[signature.failed]" in said
    assert error in said


def test_a_report_is_shown_before_it_is_saved_and_only_a_yes_saves_it(patient: Patient) -> None:
    report = patient.home / "report.txt"
    refused = patient.run("--report", str(report), typed="no\n")
    assert "[token.present]" in refused.stdout
    assert not report.exists()
    shown = patient.run("--report", str(report), typed="yes\n").stdout
    text = report.read_text(encoding="utf-8")
    assert "[token.present]" in text
    assert text.splitlines()[0] == shown.splitlines()[0]
    assert json.loads(text[text.index("\n{") :])["v"] == 1
    assert str(patient.home) not in text
    assert report.stat().st_mode & 0o777 == 0o600


def broken_module(patient: Patient) -> None:
    config = patient.profile / "config.toml"
    text = config.read_text().replace(MODULE, "/usr/lib/gone/libsofthsm2.so")
    config.write_bytes(("# 会社の設定\r\n" + text).encode())
    config.chmod(0o640)


@pytest.mark.parametrize("repair", ["module", "autostart"])
def test_a_repair_shows_what_it_changes_and_undoing_it_restores_every_byte(patient: Patient, repair: str) -> None:
    broken_module(patient)
    before = tree(patient.profile, patient.home)
    refused = patient.run("--repair", repair, typed="y\n")
    assert (refused.returncode, tree(patient.profile, patient.home)) == (3, before)
    done = patient.run("--repair", repair, typed="yes\n")
    assert done.returncode == 0, done.stderr
    changed = {path for path, found in tree(patient.profile, patient.home).items() if before.get(path) != found}
    [real] = [path for path in changed if "/repairs" not in path and Path(path).is_file()]
    assert real in done.stdout
    assert patient.run("--undo", typed="yes\n").returncode == 0
    assert tree(patient.profile, patient.home) == before
    assert patient.run("--undo", "--yes").returncode == 3


def test_a_mended_module_is_used_and_the_rest_of_the_file_stays(patient: Patient) -> None:
    broken_module(patient)
    assert patient.findings()["module.missing"]["state"] == "bad"
    done = patient.run("--repair", "module", "--yes")
    assert "- path" in done.stdout
    assert f'+ path = "{Path(MODULE).resolve()}"' in done.stdout
    assert (patient.profile / "config.toml").read_bytes().startswith("# 会社の設定\r\n".encode())
    assert patient.findings()["token.present"]["state"] == "good"
    assert patient.run("--repair", "module", "--yes").returncode == 3


def test_a_file_that_was_changed_since_the_repair_is_not_undone(patient: Patient) -> None:
    broken_module(patient)
    patient.run("--repair", "module", "--yes")
    config = patient.profile / "config.toml"
    config.write_text(config.read_text() + "# 追記\n")
    done = patient.run("--undo", "--yes")
    assert done.returncode == 3
    assert "元に戻しません" in done.stderr
    assert config.read_text().endswith("# 追記\n")


def test_autostart_is_turned_on_and_off(patient: Patient) -> None:
    assert patient.findings()["autostart.off"]["state"] == "doubtful"
    assert patient.run("--repair", "autostart", "--yes").returncode == 0
    assert patient.findings()["autostart.on"]["state"] == "good"
    assert patient.run("--repair", "autostart-off", "--yes").returncode == 0
    assert "autostart.off" in patient.findings()


def test_a_signed_manifest_says_that_there_is_a_newer_bridge(patient: Patient, publisher_keys: Path) -> None:
    named = ("--manifest", f"{publisher_keys}/pinned.jws", "--key")
    told = patient.run(*named, f"{publisher_keys}/pinned.json").stdout
    assert "[version.ended]" in told
    forged = patient.run(*named, f"{publisher_keys}/other.json").stdout
    assert "[version.unknown]" in forged
    assert "manifest_forged" in forged
