"""From `sign.confirm` to the consent window on the screen, for a document of 5 MB.

Run with ``python bridge/benchmarks/consent_window.py``; ``make bench`` runs it, too.

Real bridge, SoftHSM2 token, Xvfb; the X server itself says when the window is mapped (xev). *Warm* is what a page gets
that said `hello` before; *cold* is the same with the waiting processes killed. The limit is an empty tkinter window
of a fresh interpreter, from `exec` to the same event. The target is 400 ms.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent / "vectors")]

import byterange_cases  # noqa: E402  # both folders are put on the path above
from bridge_house import SoftToken, make_profile  # noqa: E402
from driver import Page, PageError, document  # noqa: E402
from running import RunningBridge  # noqa: E402
from screen import Screen  # noqa: E402

ROUNDS = 5
TARGET = 400.0
SIDE = 1310
"""An image of SIDE² RGB pixels, uncompressed, is 5.1 MB."""
EMPTY = "import tkinter; root = tkinter.Tk(); root.after(2000, root.destroy); root.mainloop()"


def five_megabytes() -> bytes:
    """One page that shows 5 MB of pixels, and one prepared signature."""
    parts = byterange_cases.objects(byterange_cases.signature())
    parts[2] = parts[2].replace(b"/Annots", b"/Resources << /XObject << /I 6 0 R >> >> /Contents 7 0 R /Annots")
    pixels = bytes(range(33, 123)) * (SIDE * SIDE * 3 // 90 + 1)
    kind = b"<< /Type /XObject /Subtype /Image /ColorSpace /DeviceRGB /BitsPerComponent 8"
    image = kind + b" /Width %d /Height %d" % (SIDE, SIDE)
    drawing = b"q 595 0 0 842 0 0 cm /I Do Q"
    parts.append(image + b" /Length %d >>\nstream\n" % (SIDE * SIDE * 3) + pixels[: SIDE * SIDE * 3] + b"\nendstream")
    parts.append(b"<< /Length %d >>\nstream\n" % len(drawing) + drawing + b"\nendstream")
    return byterange_cases.fill(byterange_cases.serialise(list(enumerate(parts, 1))))


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """A virtual one."""
    readable, writable = os.pipe()
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writable], stderr=subprocess.DEVNULL) as server:
        os.close(writable)
        with os.fdopen(readable) as number:
            yield f":{number.readline().strip()}"
        server.terminate()


class Watch:
    """Notes when the X server maps a window."""

    def __init__(self, display: str) -> None:
        command = ["stdbuf", "-oL", "xev", "-root", "-event", "substructure"]
        self._xev = subprocess.Popen(command, env={**os.environ, "DISPLAY": display}, stdout=subprocess.PIPE, text=True)
        self._mapped: list[float] = []
        self._seen = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._xev.stdout or ():
            if line.startswith("MapNotify"):
                with self._seen:
                    self._mapped.append(time.perf_counter())
                    self._seen.notify_all()

    def milliseconds_since(self, start: float) -> float:
        """Until the first window mapped after `start`."""
        with self._seen:
            if not self._seen.wait_for(lambda: any(at > start for at in self._mapped), 20):
                raise TimeoutError("no window")
            return (next(at for at in self._mapped if at > start) - start) * 1000

    def stop(self) -> None:
        self._xev.terminate()


def confirm(page: Page, chosen: dict[str, Any], pdf: bytes, bridge: RunningBridge, warm: bool, watch: Watch) -> float:
    """Milliseconds of one signing up to its window, which is then cancelled."""
    page.hello()
    wait_until_idle([*bridge.children("prompter"), *bridge.children("renderer")])
    jti = page.begin(chosen, [document(pdf)])
    page.send_bytes(pdf)
    page.notifications.clear()
    for pid in [] if warm else [*bridge.children("prompter"), *bridge.children("renderer")]:
        os.kill(pid, signal.SIGKILL)
    start = time.perf_counter()
    call = page.start("sign.confirm", jti=jti)
    taken = watch.milliseconds_since(start)
    page.call("sign.cancel", jti=jti)
    with contextlib.suppress(PageError):
        page.answer(call)
    return taken


def wait_until_idle(pids: list[int]) -> None:
    """A page says hello seconds before its person has chosen a certificate: by then the spare processes sleep."""

    def spent() -> list[str]:
        return [" ".join(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]) for pid in pids]

    before: list[str] = []
    while (now := spent()) != before:
        before = now
        time.sleep(0.5)


def empty_window(display: str, watch: Watch) -> float:
    """The limit."""
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", EMPTY], env={**os.environ, "DISPLAY": display}):
        return watch.milliseconds_since(start)


def measure() -> tuple[dict[str, list[float]], float]:
    """Milliseconds of ROUNDS rounds, warm and cold, and the limit."""
    pdf = five_megabytes()
    with tempfile.TemporaryDirectory() as temporary, screen() as display:
        token = SoftToken(Path(temporary) / "token")
        token.initialise(token.label)
        token.add("rsa", 1)
        server, watch = make_profile(Path(temporary) / "profile", token), Watch(display)
        environment = {**token.environment, "DISPLAY": display, "LANG": "en_US.UTF-8", "LC_ALL": ""}
        bridge = RunningBridge(Path(temporary) / "profile", environment, "--prompter", "window", "--no-window")
        page = Page(server, bridge.port)
        chosen = allowed(page, Screen(display))
        limit = statistics.median(empty_window(display, watch) for _ in range(ROUNDS))
        times = {
            name: [confirm(page, chosen, pdf, bridge, name == "warm", watch) for _ in range(ROUNDS)]
            for name in ("warm", "cold")
        }
        page.close()
        bridge.stop()
        watch.stop()
    return times, limit


def main() -> None:
    """Print medians of ROUNDS rounds."""
    times, limit = measure()
    for name, taken in times.items():
        median = statistics.median(taken)
        print(  # noqa: T201  # its output
            f"consent window, 5 MB, {name}: {median:.0f} ms "
            f"(worst {max(taken):.0f}; {median / TARGET:.2f} of {TARGET:.0f} ms; "
            f"{median / limit:.2f} x an empty window of a fresh interpreter, {limit:.0f} ms)"
        )


def allowed(page: Page, person: Screen) -> dict[str, Any]:
    """The person lets the page see the certificate."""
    page.hello()
    call = page.start("cert.list", **page.server.request(page.cn, "cert.list"))
    person.wait_until_awake("CECTRUST: show the list")
    person.press("Tab", "space")
    certificate: dict[str, Any] = page.answer(call)["certificates"][0]
    return certificate


if __name__ == "__main__":
    main()
