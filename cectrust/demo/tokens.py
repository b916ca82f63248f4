"""SoftHSM2 tokens: made at the CA's desk, then handed over by moving their folder."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from pathlib import Path

from cectrust.demo.layout import Layout
from cectrust.demo.people import Participant
from cectrust.sdk.errors import Misconfigured


def prepare_folder(folder: Path) -> None:
    """A SoftHSM2 configuration of its own, with a folder for tokens."""
    (folder / "tokens").mkdir(mode=0o700, parents=True, exist_ok=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")


def write_pin(path: Path) -> str:
    """A fresh PIN of eight digits in a file that only its owner reads."""
    pin = f"{secrets.randbelow(10**8):08d}"
    path.touch(mode=0o600)
    path.write_text(pin)
    return pin


def initialise(layout: Layout, label: str, pin: str) -> Path:
    """Make a token at the desk; returns its folder."""
    tokens = layout.desk / "tokens"
    before = set(tokens.iterdir())
    command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", pin]
    try:
        subprocess.run(
            [*command, "--so-pin", secrets.token_hex(8)], env=layout.environment, check=True, capture_output=True
        )
    except FileNotFoundError as error:
        raise Misconfigured(
            "softhsm_missing",
            "softhsm2-util がありません。Debian パッケージ softhsm2 を導入してください。",
            "softhsm2-util is missing; install the Debian package softhsm2.",
        ) from error
    (made,) = set(tokens.iterdir()) - before
    return made


def hand_over(layout: Layout, participant: Participant, token: Path) -> None:
    """From the CA's desk to the person's computer; the CA keeps nothing of it."""
    shutil.move(token, layout.person(participant) / "tokens" / token.name)
