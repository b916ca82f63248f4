"""What all connections share: identity, tokens, kept results, and the one desk where one person sits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from ..documents.renderer import Renderer
from ..errors import BridgeError, Busy
from ..processes.spare import Spare
from ..profile.folder import Profile
from ..prompters.prompter import Prompter
from ..signing.course import Signing, Tools
from ..tokens.modules import configured
from ..tokens.timeouts import Timeouts
from ..windows.look import chosen
from .installation import Installation
from .watch import Watch


class Bridge:
    """The running bridge of one profile."""

    def __init__(self, profile: Profile, prompter_kind: str) -> None:
        self.profile = profile
        settings = profile.settings()

        def prompter() -> Prompter:
            look = chosen(profile.look_file)
            return Prompter(prompter_kind, settings.consent_seconds, look.as_argument())

        modules = configured(lambda: profile.settings().stores, Timeouts(own_keys=settings.consent_seconds))
        self._prompters, self._renderers = Spare(prompter), Spare(Renderer)
        self._has_windows = prompter_kind == "window"
        take_prompter, take_renderer = self._prompters.take, self._renderers.take
        self.tools = Tools(profile.identity(), modules, profile.kept_results(), take_prompter, take_renderer)
        self.signing: Signing | None = None
        """The one under way, on whatever connection."""
        self.installation = Installation.of_this_process()
        self._occupied = False
        self.watch = Watch(modules, settings.poll_seconds, lambda: self._occupied)
        self._pages = 0

    @contextlib.contextmanager
    def page(self) -> Iterator[None]:
        """A page is connected. After the last one nothing is kept waiting."""
        self._pages += 1
        try:
            yield
        finally:
            self._pages -= 1
            if self._pages == 0:
                self.cool()

    def warm(self) -> None:
        """A page said hello: a window may be wanted soon, and its click should not wait for an interpreter."""
        if self._has_windows:
            self._prompters.warm()
            self._renderers.warm()

    def cool(self) -> None:
        """End what waits unused."""
        self._prompters.cool()
        self._renderers.cool()

    def is_idle(self) -> bool:
        """Is nobody at the desk?"""
        return not self._occupied

    def occupy(self) -> None:
        """Take the desk for one request; Busy if somebody has it, or if this program is about to be replaced."""
        if self._occupied or self.installation.change() is not None:
            raise Busy
        self._occupied = True

    def release(self) -> None:
        """Give the desk back."""
        self._occupied = False

    @contextlib.contextmanager
    def occupied(self) -> Iterator[None]:
        """The desk for the length of a block."""
        self.occupy()
        try:
            yield
        finally:
            self.release()

    async def ask(self, question: Mapping[str, Any]) -> None:
        """One question in a window of its own; returns on a yes."""
        prompter, at_once = self.tools.prompter(), True
        try:
            await prompter.ask(question)
            await prompter.tell("allowed")
            at_once = False
        except BridgeError as error:
            await prompter.tell(error.name)
            at_once = False
            raise
        finally:
            await prompter.close(at_once)

    def stop(self) -> None:
        """End the workers, and what waits unused."""
        self.cool()
        self.tools.modules.stop()
