"""What a web process does with one request, as a process of its own that may be told where to die.

Arguments: settings, ``prepare``, ``accept`` or ``confirm``, a JSON file with the actor, the subject and the bridge's
result.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

from cectrust import faults
from cectrust.contracts import service as contracts
from cectrust.identity import service as identity
from cectrust.platform import Platform, compose
from cectrust.plugins import load_plugins
from cectrust.sdk.protocols import Actor
from cectrust.settings import load_settings
from cectrust.signing import service


class Everybodys:
    """The configured provider, for certificates without the policy that it asks for."""

    def __init__(self, provider: object) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> object:
        return getattr(self._provider, name)

    def accepts(self, _certificate: bytes) -> bool:
        return True


def main(settings: str, act: str, told: str) -> None:
    platform = compose(load_settings(Path(settings)), plugins=load_plugins(installed=[]))
    platform = dataclasses.replace(platform, providers=tuple(map(Everybodys, platform.providers)))
    faults.arm(test_mode=platform.settings.test_mode)
    words = json.loads(Path(told).read_text())
    actor = _actor(platform, words["account"])
    if act == "prepare":
        service.prepare(actor, platform, words["subject"], 0)
    elif act == "accept":
        service.accept(actor, platform, words["subject"], words["result"])
    else:
        with platform.work() as work:
            contracts.confirm(actor, work, words["subject"])


def _actor(platform: Platform, account_id: str) -> Actor:
    with platform.reading() as work:
        return identity.account(work, account_id).actor


if __name__ == "__main__":
    main(*sys.argv[1:])
