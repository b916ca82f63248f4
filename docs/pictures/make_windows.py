"""Makes the pictures of the bridge's windows: ``python -m docs.pictures.make_windows [DIR]`` in the root folder.

The windows are the real processes on a virtual screen, asked by this script with names of awkward length.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cectrust_bridge.documents.byterange import locate
from cectrust_bridge.documents.renderer import Renderer
from cectrust_bridge.errors import UserCancelled
from cectrust_bridge.pairing.errors import CodeExpired
from cectrust_bridge.processes.process import Child
from cectrust_bridge.prompters.consent import (
    CheckedDocument,
    act_question,
    listing_question,
    readable_facts,
    signing_question,
    token,
)
from cectrust_bridge.prompters.prompter import Prompter
from cectrust_bridge.windows.look import Look
from PIL import Image

from . import window_samples as samples

PICTURES = Path(__file__).parent
PATIENCE = 300.0
SETTLING = 6.0
STILL = 3
"""Pictures in a row that are equal to the one before."""


@dataclass(frozen=True)
class Screen:
    """One virtual screen and how windows look on it."""

    name: str
    size: tuple[int, int]
    look: Look
    scenes: tuple[str, ...]


SCREENS = (
    Screen(
        "ja",
        (1280, 1024),
        Look("ja", 100),
        (
            *("main", "main-tokens", "check", "check-plan", "add-file", "pair", "list", "consent", "bulk-end"),
            *("pin-normal", "pin-final", "pin-locked", "pinpad", "change-pin"),
        ),
    ),
    Screen("en", (1280, 1024), Look("en", 100), ("main", "check", "consent", "bulk-end", "pin-final")),
    Screen("ja-200", (1920, 1440), Look("ja", 200), ("main", "consent", "pin-final")),
    Screen("ja-small-200", (1024, 768), Look("ja", 200), ("check", "consent", "bulk", "pin-final")),
)


@contextlib.contextmanager
def screen(size: tuple[int, int]) -> Iterator[None]:
    """A virtual screen for this process and its children."""
    readable, writable = os.pipe()
    geometry = f"{size[0]}x{size[1]}x24"
    command = ["Xvfb", "-displayfd", str(writable), "-screen", "0", geometry, "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writable], stderr=subprocess.DEVNULL) as server:
        os.close(writable)
        with os.fdopen(readable) as number:
            os.environ["DISPLAY"] = f":{number.readline().strip()}"
        try:
            yield
        finally:
            server.terminate()


def xdotool(*arguments: str) -> None:
    """What a person does."""
    subprocess.run(["xdotool", *arguments], check=False, capture_output=True)


def photograph(path: Path) -> None:
    """The window without the empty screen around it, once it has come to rest."""
    before, still, deadline = b"", 0, time.monotonic() + SETTLING
    while time.monotonic() < deadline:
        shot = subprocess.run(
            ["import", "-window", "root", "-depth", "8", "ppm:-"], check=True, capture_output=True
        ).stdout
        still = still + 1 if shot == before else 0
        if still == STILL:
            break
        before = shot
        time.sleep(0.1)
    picture = Image.open(io.BytesIO(before)).convert("RGB")
    mask = picture.point(lambda value: 255 if value > 8 else 0).convert("L")
    picture.crop(mask.getbbox()).quantize(28, dither=Image.Dither.NONE).save(path, optimize=True)


class Studio:
    """One renderer, one prompter at a time, on one screen."""

    def __init__(self, screen: Screen, out: Path) -> None:
        self._screen, self._out = screen, out

    def wants(self, scene: str) -> bool:
        """Only what a reader of docs/ needs."""
        return scene in self._screen.scenes

    async def picture(self, scene: str, ask: Callable[[Prompter], Awaitable[object]], *keys: str) -> None:
        """Ask, press keys, photograph, cancel."""
        if not self.wants(scene):
            return
        prompter = Prompter("window", PATIENCE, self._screen.look.as_argument())
        asking = asyncio.ensure_future(ask(prompter))
        try:
            await asyncio.to_thread(self.take, scene, keys)
        finally:
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError, UserCancelled):
                await asking
            prompter.close(at_once=True)

    def take(self, scene: str, keys: tuple[str, ...]) -> None:
        xdotool("search", "--sync", "--onlyvisible", "--name", "CECTRUST", "windowfocus")
        path = self._out / f"window-{scene}-{self._screen.name}.png"
        photograph(path)
        for key in keys:
            xdotool("key", "--delay", "80", key)
        if keys:
            photograph(path)


@dataclass
class Panel:
    """The main window, told by this script what the front would tell."""

    studio: Studio
    look: Look

    async def picture(self, scene: str, *keys: str, then: Sequence[Mapping[str, object]] = ()) -> None:
        """Open, tell, press keys, tell what comes `then`, photograph."""
        if not self.studio.wants(scene):
            return
        child = Child("panel", self.look.as_argument(), "normal")
        for told in (samples.STATE, samples.TOKENS):
            await child.send(told)
        await asyncio.to_thread(self.studio.take, scene, keys)
        for told in then:
            await child.send(told)
        if then:
            await asyncio.to_thread(self.studio.take, scene, ())
        child.kill()
        child.close()


async def photograph_panel(panel: Panel) -> None:
    """The main window with its tabs and dialogs."""
    await panel.picture("main")
    await panel.picture("main-tokens", "ctrl+Tab")
    await panel.picture("add-file", "ctrl+Tab", "Tab", "Tab", "Tab", "Tab", "space")
    refused = {"show": "outcome", "of": "failed", "ja": CodeExpired.ja, "en": CodeExpired.en}
    await panel.picture("pair", "Tab", "Tab", "space", then=[refused])
    examined = samples.examined()
    await panel.picture("check", "ctrl+Tab", "ctrl+Tab", then=examined)
    await panel.picture("check-plan", "ctrl+Tab", "ctrl+Tab", then=[*examined, samples.PLAN])


async def checked(renderer: Renderer, pdf: bytes, count: int) -> list[CheckedDocument]:
    """`count` documents, opened in the renderer."""
    described = [samples.claims(pdf, number) for number in range(1, count + 1)]
    documents = []
    for each in samples.received(pdf, described):
        byte_range = locate(pdf)
        documents.append(CheckedDocument(each, byte_range, await renderer.open(each, byte_range)))
    return documents


async def photograph_all(studio: Studio, pdf: bytes, der_of: samples.Certificate) -> None:
    """Every window that asks."""
    renderer, origin = Renderer(), samples.server().issuer
    await renderer.start()
    one, many = await checked(renderer, pdf, 1), await checked(renderer, pdf, 24)
    asking = signing_question(samples.server(), origin, der_of, one)
    bulk = signing_question(samples.server(), origin, der_of, many)
    await studio.picture("list", lambda window: window.ask(listing_question(samples.server(), origin)))
    await studio.picture("consent", lambda window: window.ask(asking, renderer.page))
    await studio.picture("bulk", lambda window: window.ask(bulk, renderer.page))
    await studio.picture("bulk-end", lambda window: window.ask(bulk, renderer.page), "End", "Tab", "2", "4")
    renderer.close()
    await photograph_pins(studio)
    await photograph_acts(studio, der_of)


async def photograph_acts(studio: Studio, certificate: samples.Certificate) -> None:
    """What a token is asked for besides signatures under documents."""
    facts, key = readable_facts(certificate.der), {"label": samples.PERSON, "key_type": "rsa2048"}
    step_up = {"named_act": f"契約の取り消し（{samples.COMPANY}）"}
    subject = {"rdn_CN": samples.PERSON, "rdn_O": samples.COMPANY, "rdn_C": "JP"}
    acts: list[tuple[str, dict[str, str], dict[str, str]]] = [
        ("auth.login", {}, facts),
        ("auth.step_up", step_up, facts),
        ("key.generate", {"label": key["label"]}, {"key_type": key["key_type"]}),
        ("csr.create", subject, {"key_id": "00ff" * 10}),
        ("cert.import", {}, facts),
    ]
    for act, claims, known in acts:
        server = samples.server()
        question = act_question(server, server.issuer, act, claims, known, certificate.token)
        await studio.picture(act.replace(".", "-"), lambda window, question=question: window.ask(question))


async def photograph_pins(studio: Studio) -> None:
    """Every state of a PIN."""
    for state in ("normal", "final", "locked"):
        shown = token(samples.certificate(state).token)
        await studio.picture(f"pin-{state}", lambda window, shown=shown: window.ask_pin(shown), "1", "2")
    shown = token(samples.certificate().token)
    await studio.picture("pinpad", lambda window: window.show_pinpad(shown))
    await studio.picture("change-pin", lambda window: window.ask_new_pin(shown, 8, 64))


def main() -> None:
    """All windows on all screens; with a folder as argument, they go there instead of docs/."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    out.mkdir(parents=True, exist_ok=True)
    certificate = samples.certificate()
    pdf = samples.prepared_contract(certificate.der)
    only = sys.argv[2:]
    for each in SCREENS:
        if not only or each.name in only:
            with screen(each.size):
                studio = Studio(each, out)
                asyncio.run(photograph_panel(Panel(studio, each.look)))
                asyncio.run(photograph_all(studio, pdf, certificate))


if __name__ == "__main__":
    main()
