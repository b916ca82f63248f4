"""Runs many ``cectrust`` commands quickly: each in a process of its own, forked from one that has loaded everything.

Loading takes a command more time than its work, and making a demonstration takes twenty commands.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["cectrust.cli"])


class CommandFailed(Exception):
    """A command ended with another status than 0; the text is what it said on standard error."""


def run_cectrust(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run ``cectrust`` with ``arguments`` in exactly this environment; its standard output.

    Raises:
        CommandFailed: it ended with another status than 0.
    """
    with tempfile.TemporaryDirectory(prefix="cectrust-command-") as folder:
        said, failed = Path(folder, "stdout"), Path(folder, "stderr")
        process = _FORKS.Process(target=_command, args=(list(arguments), dict(environment), said, failed))
        process.start()
        process.join()
        if process.exitcode != 0:
            raise CommandFailed(failed.read_text())
        return said.read_text()


def _command(arguments: list[str], environment: dict[str, str], said: Path, failed: Path) -> None:
    from cectrust.cli import main

    os.environ.clear()
    os.environ.update(environment)
    for path, descriptor in ((said, 1), (failed, 2)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    sys.argv = ["cectrust", *arguments]
    main()
