"""The caller's side: hands tasks to a warm process and trusts nothing that comes back."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import typing
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ParamSpec, TypeVar

from cectrust.parsing.codec import decode, encode
from cectrust.parsing.errors import ParserLate, ParserStopped
from cectrust.parsing.limits import Limits
from cectrust.parsing.worker import READY
from cectrust.sdk.errors import CectrustError, Misconfigured

P = ParamSpec("P")
T = TypeVar("T")

_START_SECONDS = 60.0
_GRACE_SECONDS = 2.0
DEFAULT_LIMITS = Limits()


class ParserPool:
    """Runs functions of the named modules in isolated workers. Safe to share between threads.

    Start one per process, early; at most `workers` tasks run at once, further ones wait. The warm process
    is started again when it has died.
    """

    def __init__(self, modules: Sequence[str], workers: int = 4) -> None:
        self._modules = list(modules)
        self._slots = threading.BoundedSemaphore(workers)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def run(self, function: Callable[P, T], limits: Limits, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in a worker and return its result, rebuilt along its return annotation.

        Errors of the house's tree come back as themselves. Raises `ParserStopped` for everything else
        that ends a worker, `ParserLate` if it is time. `kwargs` are not supported, arguments go by position.
        """
        if kwargs:
            raise TypeError("arguments go by position")
        name = f"{function.__module__}:{function.__qualname__}"
        request = {"function": name, "limits": encode(limits), "arguments": [encode(arg) for arg in args]}
        with self._slots, self._task() as task:
            answer = _exchange(task, json.dumps(request).encode(), limits)
        return typing.cast(T, _result(answer, typing.get_type_hints(function)["return"]))

    @contextlib.contextmanager
    def _task(self) -> Iterator[socket.socket]:
        """A socket whose other end a fresh worker holds."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            with self._lock:
                self._hand_over(theirs)
            theirs.close()
            yield ours

    def _hand_over(self, task: socket.socket) -> None:
        for _ in range(2):  # once more, should the warm process have died since the last task
            control = self._control or self._start()
            try:
                socket.send_fds(control, [b"t"], [task.fileno()])
            except OSError:
                self._stop()
            else:
                return
        raise Misconfigured("parser_start", "解析用プロセスを起動できません。", "The parser process doesn't start.")

    def _start(self) -> socket.socket:
        """A warm process that said it is isolated. Raises `Misconfigured` when none can be had."""
        try:
            control = self._launch()
            if control.recv(len(READY)) == READY:
                return control
            detail = "not isolated"
        except OSError as error:  # no memory, no processes, no interpreter, or a minute without an answer
            detail = f"{type(error).__name__}: {error.strerror or ''}"
        self._stop()
        raise Misconfigured(
            "parser_start",
            "解析用プロセスを起動できないか、隔離できないため、ファイルを読みません。管理者に連絡してください。",
            "The parser process doesn't start or can't be isolated; no file is read. Tell the administrator.",
            detail,
        )

    def _launch(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "cectrust.parsing", str(theirs.fileno()), *self._modules]
        environment = {"PYTHONPATH": os.pathsep.join(sys.path), "LANG": "C.UTF-8"}
        self._control = ours
        ours.settimeout(_START_SECONDS)
        with theirs:
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL
            )
        return ours

    def warm_up(self) -> None:
        """Start the warm process now, so that the first task doesn't wait for it."""
        with self._lock:
            if self._control is None:
                self._start()

    def close(self) -> None:
        """End the warm process; running tasks end by themselves."""
        with self._lock:
            self._stop()

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.wait()
        self._control = self._process = None


def _exchange(task: socket.socket, request: bytes, limits: Limits) -> bytes:
    """Send one request, read the answer to its end, within time and size."""
    deadline = time.monotonic() + limits.seconds + _GRACE_SECONDS
    answer = bytearray()
    try:
        task.settimeout(limits.seconds + _GRACE_SECONDS)
        task.sendall(request)
        task.shutdown(socket.SHUT_WR)
        while chunk := task.recv(1 << 20):
            answer += chunk
            if len(answer) > limits.answer:
                raise ParserStopped("answer too long")
            task.settimeout(max(0.01, deadline - time.monotonic()))
    except TimeoutError as error:
        raise ParserLate(f"no answer in {limits.seconds} s") from error
    except OSError as error:
        raise ParserStopped(f"{type(error).__name__}") from error
    if not answer and time.monotonic() >= deadline - _GRACE_SECONDS:  # the worker's own limit ended it
        raise ParserLate(f"ended after {limits.seconds} s")
    return bytes(answer)


def _result(answer: bytes, hint: Any) -> Any:
    try:
        data = json.loads(answer)
        if "value" in data:
            return decode(hint, data["value"])
        error = _rebuilt(data)
    except (ValueError, TypeError, KeyError, RecursionError) as cause:
        raise ParserStopped("no answer" if not answer else "answer not understood") from cause
    raise error


def _rebuilt(data: dict[str, Any]) -> CectrustError:
    """The worker's own error as the same class here; only classes of the tree can be named."""
    classes = {f"{one.__module__}:{one.__qualname__}": one for one in _subclasses(CectrustError)}
    error = classes[data["error"]].__new__(classes[data["error"]])
    CectrustError.__init__(error, *(str(data[key]) for key in ("code", "ja", "en", "detail")))
    return error


def _subclasses(root: type[CectrustError]) -> Iterator[type[CectrustError]]:
    yield root
    for child in root.__subclasses__():
        yield from _subclasses(child)
