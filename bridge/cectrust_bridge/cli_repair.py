"""`cectrust-bridge doctor --repair …` and `--undo`: shown, asked, done, and kept for taking back."""

from __future__ import annotations

import argparse
import sys

from . import cli_pairing
from .doctor import repairs
from .doctor.repair_book import RepairBook, check_owner
from .doctor.surroundings import Surroundings
from .profile.folder import Profile

NOT_REPAIRED = 3
MAX_LINE = 300
FOR_ROOT = """これは管理者だけが変更できます。管理者が、次を実行します。
Only an administrator may change this, by running:
"""
AFTER = {
    "module": "署名ブリッジを起動し直してください。 Start the bridge again.",
    "policy": "ブラウザを起動し直してください。 Start the browsers again.",
}


def repair(options: argparse.Namespace, around: Surroundings) -> int:
    """Carry out the chosen repair; the exit status. Raises RepairError, PairingError, ProfileError."""
    check_owner(around.profile.folder)
    plan = repairs.PLANS[options.repair](around)
    sys.stdout.write(repairs.shown(plan))
    if plan.command:
        sys.stdout.write(f"{FOR_ROOT}{plan.command}\n")
    if plan.command or not plan.changes:
        return NOT_REPAIRED
    if not agrees(options, "このとおり変更しますか。「--undo」で元に戻せます。 Change this? `--undo` takes it back."):
        return NOT_REPAIRED
    RepairBook(around.profile.folder).make(plan.changes)
    sys.stdout.write(f"変更しました。 Changed. {AFTER.get(options.repair, '')}\n")
    return _pair_anew(options, around) if options.repair == "pairing" else 0


def undo(options: argparse.Namespace, profile: Profile) -> int:
    """Take back the newest repair; the exit status. Raises RepairError."""
    check_owner(profile.folder)
    book = RepairBook(profile.folder)
    last = book.last()
    named = ", ".join(str(entry.path) for entry in last)
    if not agrees(options, f"修復「{last[0].name}」（{named}）を元に戻しますか。 Undo this repair?"):
        return NOT_REPAIRED
    book.undo()
    sys.stdout.write("元に戻しました。 Undone.\n")
    return 0


def agrees(options: argparse.Namespace, question: str) -> bool:
    """Only exactly `yes` agrees."""
    return bool(options.yes) or _asked(f"{question} [yes/no] ") == "yes"


def _asked(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline(MAX_LINE).strip()


def _pair_anew(options: argparse.Namespace, around: Surroundings) -> int:
    """The broken pairing is gone: lead the person to a new one, which takes a code from his page."""
    sys.stdout.write("あとから登録し直すには: To pair later: cectrust-bridge pair https://…\n")
    if options.yes or not (address := _asked("登録し直すサーバーのアドレス（あとでするなら空欄） Address, or empty: ")):
        return 0
    pair = argparse.Namespace(command="pair", address=address, code_stdin=not sys.stdin.isatty(), name=None, json=False)
    return cli_pairing.run(pair, around.profile)
