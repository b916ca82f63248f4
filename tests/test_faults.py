"""A failpoint kills only in test mode, only where it was asked for, and only under a declared name."""

from __future__ import annotations

import os
import signal

import pytest

from cectrust import faults

faults.declare("faults.step")


def dies(*, test_mode: bool, armed: str) -> bool:
    """Whether a child process that reaches both places is killed."""
    child = os.fork()
    if child == 0:
        os.environ[faults.VARIABLE] = armed
        faults.arm(test_mode=test_mode)
        faults.failpoint("faults.step.before")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_the_named_place_kills() -> None:
    assert dies(test_mode=True, armed="faults.step.before")


def test_another_place_does_not_kill() -> None:
    assert not dies(test_mode=True, armed="faults.step.after")


def test_production_is_never_killed() -> None:
    assert not dies(test_mode=False, armed="faults.step.before")


def test_an_undeclared_name_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        faults.failpoint("faults.stop.before")


def test_declared_names_can_be_enumerated() -> None:
    assert {"faults.step.before", "faults.step.after"} <= set(faults.names())
