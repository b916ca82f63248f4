"""A process of its own that enrols and kills itself (-9) before or after one step: ``crash.py DIRECTORY STEP WHEN``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from cectrust_cecsign import enrolling
from cectrust_cecsign.model import KeyKind, TokenAddress
from cectrust_cecsign.store import certificates

from cecsign_support.ca import MODULE, OFFICER, PIN, SUBSCRIBER, ShiftedClock, context_on, opened, settings_in
from cecsign_support.people import order


def die_at(owner: Any, step: str, when: str) -> None:
    original = getattr(owner, step)

    def dying(*arguments: Any, **named: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        original(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, step, dying)


def main() -> None:
    directory, step, when = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    die_at(certificates if step == "mark_issued" else enrolling, step, when)
    with opened(f"sqlite:///{directory}/cectrust.db") as database:
        context = context_on(database, directory, ShiftedClock(), settings_in(directory))
        enrolling.enrol(context, OFFICER, order(KeyKind.P256), TokenAddress(MODULE, SUBSCRIBER), PIN)


if __name__ == "__main__":
    main()
