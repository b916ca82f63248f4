"""Making a fresh demonstration: what runs before the server does, and what needs it running."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cectrust.demo import tokens
from cectrust.demo.commands import CommandFailed, run_cectrust
from cectrust.demo.layout import SOFTHSM, Layout
from cectrust.demo.people import PARTICIPANTS, Participant
from cectrust.demo.settings_file import settings_text
from cectrust.sdk.errors import Misconfigured

_BEFORE_ROOTS = {"CECTRUST_TIMESTAMPING__ANCHORS": "[]"}
"""The settings name the TSA's root, which the CA has yet to make."""


class Instance:
    """One demonstration in the making. Every step is a command that an operator would give."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def found(self, database: str = "", *, test_mode: bool = False) -> None:
        """Before anything runs: settings, tables, the CA with its keys on tokens, the TSA's key and certificate."""
        layout = self.layout
        layout.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        layout.mark.touch()
        for folder in (layout.desk, *(layout.person(participant) for participant in PARTICIPANTS)):
            tokens.prepare_folder(folder)
        pin = tokens.write_pin(layout.desk / "pin")
        for label in ("cecsign-online", "cecsign-offline"):
            tokens.initialise(layout, label, pin)
        layout.roots.mkdir(exist_ok=True)
        layout.settings.write_text(settings_text(layout, database, test_mode=test_mode))
        self.cectrust("db", "upgrade", **_BEFORE_ROOTS)
        self.cectrust("keys", "init", **_BEFORE_ROOTS)
        self.cectrust("cecsign", "init-ca", **_BEFORE_ROOTS)
        self.cectrust("cecsign", "roots", str(layout.roots), **_BEFORE_ROOTS)
        self.cectrust("cecsign", "issue-tsa", str(layout.tsa))

    def admit(self) -> dict[str, Any]:
        """While the server runs: companies, user IDs, certificates onto tokens, bridges. Returns what is printed."""
        people = {participant.key: self._admit(participant) for participant in PARTICIPANTS}
        self.layout.state.touch(mode=0o600)
        self.layout.state.write_text(json.dumps(people, ensure_ascii=False, indent=1))
        return people

    def cectrust(self, *arguments: str, **environment: str) -> str:
        """Run one command of the server's; its standard output."""
        try:
            return run_cectrust(arguments, self.layout.environment | environment)
        except CommandFailed as failure:
            raise _failed(arguments, str(failure).strip()[-2000:]) from failure

    def _admit(self, participant: Participant) -> dict[str, str]:
        company = json.loads(self._add_company(participant))
        user = json.loads(self._add_user(participant, company["company"]))
        pin = self._issue(participant)
        self._pair(participant)
        return {
            "company": participant.company,
            "person": participant.person,
            "user_login": user["login"],
            "user_password": user["password"],
            "company_login": company["login"],
            "company_password": company["password"],
            "pin": pin,
        }

    def _add_company(self, participant: Participant) -> str:
        login, mail = participant.company_login, participant.company_mail
        name = ("--name", participant.company, "--person", "電子契約 管理者")
        return self.cectrust("company", "add", *name, "--login", login, "--mail", mail)

    def _add_user(self, participant: Participant, company_id: str) -> str:
        who = ("--person", participant.person, "--department", participant.department)
        login = ("--login", participant.user_login, "--mail", participant.user_mail)
        return self.cectrust("user", "add", "--company", company_id, *who, *login)

    def _issue(self, participant: Participant) -> str:
        """Token, certificate, proof of possession, binding; then the token goes to its person."""
        folder = self.layout.person(participant)
        pin_file, label = folder / "pin", f"company-{participant.key}"
        pin = tokens.write_pin(pin_file)
        token = tokens.initialise(self.layout, label, pin)
        at = ("--module", str(SOFTHSM), "--token-label", label, "--pin-file", str(pin_file))
        name = ("--name", participant.person, "--romanised", participant.romanised)
        self.cectrust(
            "cecsign", "issue", *at, *name, "--organisation", participant.company, "--kind", participant.key_kind
        )
        self.cectrust("cecsign", "prove", *at, "--login", participant.user_login, str(folder))
        proof = ("--certificate", str(folder / "certificate.pem"), "--proof", str(folder / "proof.bin"))
        self.cectrust("certificate", "bind", "--login", participant.user_login, *proof)
        tokens.hand_over(self.layout, participant, token)
        return pin

    def _pair(self, participant: Participant) -> None:
        profile = self.layout.bridge_profile(participant)
        profile.mkdir(mode=0o700, exist_ok=True)
        (profile / "config.toml").write_text(f'[[pkcs11]]\nname = "SoftHSM2"\npath = "{SOFTHSM}"\n')
        told = _run(["cectrust-bridge", "identity", "--profile", str(profile)], self.layout.environment)
        identity = self.layout.person(participant) / "bridge-identity.json"
        identity.write_text(told)
        self.cectrust("bridge", "register", "--login", participant.user_login, "--identity", str(identity))
        hint = f"{participant.person}（{participant.company}）"
        pairing = self.cectrust("bridge", "pairing", "--name", "CECTRUST（試験用）", "--user-hint", hint)
        servers = profile / "servers"
        servers.mkdir(mode=0o700, exist_ok=True)
        (servers / "demo.json").write_text(pairing)


def _run(command: Sequence[str | Path], environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise _failed(command, f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        raise _failed(command, error.stderr.strip()[-2000:]) from error
    return done.stdout


def _failed(command: Sequence[str | Path], detail: str) -> Misconfigured:
    shown = " ".join(str(part) for part in command[-6:])
    return Misconfigured(
        "demo_step_failed", f"デモの準備に失敗しました: {shown}", f"A step of the demonstration failed: {shown}", detail
    )
