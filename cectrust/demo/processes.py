"""The processes of a demonstration, under one supervisor."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from cectrust.demo.layout import Layout
from cectrust.demo.people import PARTICIPANTS, Participant
from cectrust.settings import load_settings
from cectrust.supervisor import Program, programs


def around(layout: Layout) -> list[Program]:
    """What the server needs beside it: the local TSA and the mail catcher."""
    tsa = [
        *(sys.executable, "-m", "cectrust.builtin.local_tsa", "--port", str(layout.ports.tsa)),
        *("--key", str(layout.tsa / "tsa-key.pem"), "--certificate", str(layout.tsa / "tsa-chain.pem")),
        *("--serials", str(layout.tsa / "serials")),
    ]
    mail = [sys.executable, "-m", "cectrust.builtin.mail_catcher", "--port", str(layout.ports.mail)]
    return [
        Program("tsa", tsa, layout.environment, lambda: listens(layout.ports.tsa)),
        Program(
            "mail", [*mail, "--directory", str(layout.mails)], layout.environment, lambda: listens(layout.ports.mail)
        ),
    ]


def server(layout: Layout) -> list[Program]:
    """Keys role, worker and web, as ``cectrust serve`` runs them."""
    own = programs(load_settings(layout.settings, {}), layout.settings)
    return [Program(one.name, one.command, layout.environment, one.ready) for one in own]


def bridge(layout: Layout, participant: Participant, prompter: str) -> Program:
    """One company's bridge with its own profile and token."""
    binary = Path(sys.executable).with_name("cectrust-bridge")
    port = str(participant.bridge_port)
    profile = str(layout.bridge_profile(participant))
    command = [str(binary), "run", "--profile", profile, "--port", port, "--prompter", prompter]
    environment = layout.bridge_environment(participant)
    return Program(f"bridge-{participant.key}", command, environment, lambda: listens(participant.bridge_port))


def bridges(layout: Layout, prompter: str) -> list[Program]:
    return [bridge(layout, participant, prompter) for participant in PARTICIPANTS]


def listens(port: int) -> bool:
    """Does a program on this machine answer there?"""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
