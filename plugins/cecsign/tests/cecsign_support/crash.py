"""A process of its own that kills itself (-9): ``crash.py enrol|init DIRECTORY STEP before|after TIMES``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from cectrust_cecsign import enrolling, hierarchy
from cectrust_cecsign.model import Authority, KeyKind, TokenAddress
from cectrust_cecsign.store import certificates

from cecsign_support.ca import MODULE, OFFICER, PIN, SUBSCRIBER, ShiftedClock, context_on, opened, settings_in
from cecsign_support.people import order

SMALL_KEYS = dict.fromkeys(Authority, 2048)
"""RSA-4096 takes seconds; what is tested is the order of steps."""


def die_at(owner: Any, step: str, when: str, times: int) -> None:
    """Make the ``times``-th call of ``owner.step`` the last thing this process does."""
    original, left = getattr(owner, step), iter(range(times - 1))

    def dying(*arguments: Any, **named: Any) -> Any:
        last = next(left, None) is None
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, step, dying)


def main() -> None:
    act, directory, step, when, times = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])
    owner = enrolling if act == "enrol" else hierarchy
    die_at(certificates if step == "mark_issued" else owner, step, when, times)
    with opened(f"sqlite:///{directory}/cectrust.db") as database:
        context = context_on(database, directory, ShiftedClock(), settings_in(directory))
        if act == "enrol":
            enrolling.enrol(context, OFFICER, order(KeyKind.P256), TokenAddress(MODULE, SUBSCRIBER), PIN)
        else:
            hierarchy.RSA_BITS.update(SMALL_KEYS)
            hierarchy.initialise(context, OFFICER)


if __name__ == "__main__":
    main()
