"""`cectrust-bridge doctor`. Exit status: 0 all good, 1 something is bad, 2 only doubts, 3 a repair was not made."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .cli_repair import NOT_REPAIRED, agrees, repair, undo
from .doctor import registry, repairs, report, trial
from .doctor.finding import Finding, State
from .doctor.repair_book import RepairError
from .doctor.surroundings import Surroundings
from .pairing.errors import PairingError
from .pairing.model import is_origin
from .profile.folder import Profile
from .profile.settings import ProfileError
from .protocol import PORTS

BAD, DOUBTFUL = 1, 2


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
    doctor.add_argument("--repair", choices=[*repairs.PLANS], help="mend this, after showing what will change")
    doctor.add_argument("--server", type=_origin, action="append", help="for `--repair policy`: instead of the paired")
    doctor.add_argument("--key", type=Path, help="as for `update check`")
    doctor.add_argument("--port", type=int, action="append", help="where `run --port` listens here; may be repeated")
    doctor.add_argument("--undo", action="store_true", help="take back the newest repair")
    doctor.add_argument("--yes", action="store_true", help="agree to what would be asked (not to the test signature)")
    return [doctor]


def _origin(text: str) -> str:
    if not is_origin(text):
        raise argparse.ArgumentTypeError("a server is an address such as https://keiyaku.example.jp")
    return text


def run(options: argparse.Namespace, profile: Profile) -> int:
    """Examine, repair or undo; the exit status."""
    named, ports = options.server or (), options.port or PORTS
    around = Surroundings(profile, manifest=options.manifest, manifest_key=options.key, ports=ports, named=named)
    try:
        if options.undo:
            return undo(options, profile)
        return _examine(options, around) if options.repair is None else repair(options, around)
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
    if agrees(options, f"この内容を {options.report} に保存しますか。 Save this?"):
        report.save(options.report, text)
