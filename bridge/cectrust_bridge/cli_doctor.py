"""`cectrust-bridge doctor`. Exit status: 0 all good, 1 something is bad, 2 only doubts, 3 a repair was not made."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from .doctor import registry, repairs, report, trial
from .doctor.finding import Finding, State
from .doctor.repair_book import RepairBook, RepairError
from .doctor.surroundings import Surroundings
from .pairing_errors import PairingError
from .profile import Profile
from .protocol import PORTS
from .settings import ProfileError

BAD, DOUBTFUL, NOT_REPAIRED = 1, 2, 3
MAX_LINE = 100
PRINTED = {"policy": repairs.policy_instructions, "pairing": repairs.pairing_instructions}


def add_commands(commands: Any) -> list[argparse.ArgumentParser]:
    """Declare the command; the caller adds what all commands have."""
    doctor = commands.add_parser("doctor", help="say what keeps this computer from signing, and mend it")
    doctor.add_argument("--json", action="store_true", help="one JSON value on standard output")
    doctor.add_argument("--report", type=Path, metavar="FILE", help="for the help desk; shown before it is written")
    doctor.add_argument(
        "--test-signature", action="store_true", help="sign a harmless sentence; asks for consent and PIN"
    )
    doctor.add_argument("--terminal", action="store_true", help="ask on this terminal instead of in a window")
    doctor.add_argument("--manifest", default="", metavar="FILE_OR_URL", help="also look for a newer bridge")
    doctor.add_argument(
        "--repair", choices=[*repairs.PLANS, *PRINTED], help="mend this, after showing what will change"
    )
    doctor.add_argument("--key", type=Path, help="as for `update check`")
    doctor.add_argument("--port", type=int, action="append", help="where `run --port` listens here; may be repeated")
    doctor.add_argument("--undo", action="store_true", help="take back the newest repair")
    doctor.add_argument("--yes", action="store_true", help="agree to what would be asked (not to the test signature)")
    return [doctor]


def run(options: argparse.Namespace, profile: Profile) -> int:
    """Examine, repair or undo; the exit status."""
    around = Surroundings(profile, manifest=options.manifest, manifest_key=options.key, ports=options.port or PORTS)
    try:
        if options.undo:
            return _undo(options, profile)
        return _examine(options, around) if options.repair is None else _repair(options, around)
    except RepairError as error:
        sys.stderr.write(f"cectrust-bridge: {error.ja}\n{error.en}\n")
    except (PairingError, ProfileError) as error:
        sys.stderr.write(f"cectrust-bridge: {error}\n")
    return NOT_REPAIRED


def _examine(options: argparse.Namespace, around: Surroundings) -> int:
    findings = registry.examine(around)
    if options.test_signature:
        findings += trial.sign(around.profile, "terminal" if options.terminal else "window")
    if options.json:
        sys.stdout.write(json.dumps(report.as_json(findings, around), ensure_ascii=False) + "\n")
    elif options.report is None:
        sys.stdout.write(report.as_text(findings, around))
    if options.report is not None:
        _save(options, report.for_help_desk(findings, around))
    return _status(findings)


def _status(findings: list[Finding]) -> int:
    states = {finding.state for finding in findings}
    return BAD if State.BAD in states else DOUBTFUL if State.DOUBTFUL in states else 0


def _save(options: argparse.Namespace, text: str) -> None:
    """Nothing leaves this computer that the person has not seen."""
    if not options.json:
        sys.stdout.write(text)
    if _agrees(options, f"この内容を {options.report} に保存しますか。 Save this?"):
        descriptor = os.open(options.report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)


def _repair(options: argparse.Namespace, around: Surroundings) -> int:
    if options.repair in PRINTED:
        sys.stdout.write(PRINTED[options.repair](around))
        return 0
    change = repairs.PLANS[options.repair](around)
    sys.stdout.write(repairs.shown(change))
    if not _agrees(options, "このとおり変更しますか。「--undo」で元に戻せます。 Change this? `--undo` takes it back."):
        return NOT_REPAIRED
    RepairBook(around.profile.folder).make(change)
    sys.stdout.write("変更しました。署名ブリッジを起動し直してください。 Changed. Start the bridge again.\n")
    return 0


def _undo(options: argparse.Namespace, profile: Profile) -> int:
    book = RepairBook(profile.folder)
    last = book.last()
    if not _agrees(options, f"修復「{last.name}」（{last.path}）を元に戻しますか。 Undo this repair?"):
        return NOT_REPAIRED
    book.undo()
    sys.stdout.write("元に戻しました。 Undone.\n")
    return 0


def _agrees(options: argparse.Namespace, question: str) -> bool:
    """Only exactly `yes` agrees."""
    if options.yes:
        return True
    sys.stderr.write(f"{question} [yes/no] ")
    sys.stderr.flush()
    return sys.stdin.readline(MAX_LINE).strip() == "yes"
