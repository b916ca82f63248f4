"""The warm process that forks one worker per task, and what a worker does.

Its modules are imported before the first task, so that a task pays for neither interpreter nor imports.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import socket
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cectrust.parsing.codec import decode, encode
from cectrust.parsing.isolation import isolate, isolate_task
from cectrust.parsing.limits import Limits, apply_limits
from cectrust.sdk.errors import CectrustError

READY = b"ready"


def serve(control: socket.socket, modules: list[str]) -> None:
    """Fork a worker for every task socket that arrives, until the control socket closes."""
    for module in modules:
        importlib.import_module(module)
    isolate()
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.send(READY)
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not data:
            return
        with socket.socket(fileno=descriptors[0]) as task:
            if os.fork() == 0:
                control.close()
                _work(task, modules)


def _work(task: socket.socket, modules: list[str]) -> typing.NoReturn:
    """Answer one task and end. An exception that isn't ours ends the worker without an answer."""
    try:
        request = json.loads(_receive(task))
        function, arguments = _call(request, modules)
        limits = decode(Limits, request["limits"])
        apply_limits(limits)
        isolate_task(*_files(arguments, limits))
        task.sendall(json.dumps(_answer(function, arguments)).encode())
        os._exit(0)
    finally:
        os._exit(1)


def _receive(task: socket.socket) -> bytes:
    """The request: everything until the other side has finished writing."""
    chunks = []
    while chunk := task.recv(1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)


def _call(request: dict[str, Any], modules: list[str]) -> tuple[Callable[..., object], dict[str, object]]:
    module, _, name = request["function"].partition(":")
    if module not in modules:
        raise ValueError("not a parser module")
    function = getattr(sys.modules[module], name)
    hints = typing.get_type_hints(function)
    names = [hint for hint in hints if hint != "return"]
    return function, {key: decode(hints[key], value) for key, value in zip(names, request["arguments"], strict=False)}


def _files(arguments: dict[str, object], limits: Limits) -> tuple[list[Path], list[Path]]:
    """What the task may read and what it may write: the argument called `target`, if it may write at all.

    The target is made here, because a file that does not exist can't be granted.
    """
    paths = {name: value for name, value in arguments.items() if isinstance(value, Path)}
    target = paths.pop("target", None) if limits.written else None
    if target is not None:
        target.touch()
    return list(paths.values()), [target] if target is not None else []


def _answer(function: Callable[..., object], arguments: dict[str, object]) -> dict[str, Any]:
    try:
        return {"value": encode(function(**arguments))}
    except CectrustError as error:
        own = {"code": error.code, "ja": error.ja, "en": error.en, "detail": error.detail}
        return {"error": f"{type(error).__module__}:{type(error).__qualname__}", **own}
