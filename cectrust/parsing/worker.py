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
from typing import Any

from cectrust.parsing.codec import decode, encode
from cectrust.parsing.isolation import isolate
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
        apply_limits(decode(Limits, request["limits"]))
        answer = json.dumps(_answer(request, modules)).encode()
        task.sendall(answer)
        os._exit(0)
    finally:
        os._exit(1)


def _receive(task: socket.socket) -> bytes:
    """The request: everything until the other side has finished writing."""
    chunks = []
    while chunk := task.recv(1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)


def _answer(request: dict[str, Any], modules: list[str]) -> dict[str, Any]:
    module, _, name = request["function"].partition(":")
    if module not in modules:
        raise ValueError("not a parser module")
    function = getattr(sys.modules[module], name)
    hints = typing.get_type_hints(function)
    names = [hint for hint in hints if hint != "return"]
    arguments = {key: decode(hints[key], value) for key, value in zip(names, request["arguments"], strict=False)}
    try:
        return {"value": encode(function(**arguments))}
    except CectrustError as error:
        own = {"code": error.code, "ja": error.ja, "en": error.en, "detail": error.detail}
        return {"error": f"{type(error).__module__}:{type(error).__qualname__}", **own}
