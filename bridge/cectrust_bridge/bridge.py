"""What all connections share: identity, tokens, kept results, and the one desk where one person sits."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from .errors import BridgeError, Busy
from .profile import Profile
from .prompters.prompter import Prompter
from .signing import Signing, Tools
from .tokens.modules import configured
from .watch import Watch


class Bridge:
    """The running bridge of one profile."""

    def __init__(self, profile: Profile, prompter_kind: str) -> None:
        self.profile = profile
        settings = profile.settings()

        def prompter() -> Prompter:
            return Prompter(prompter_kind, settings.consent_seconds)

        modules = configured(settings.stores)
        self.tools = Tools(profile.identity(), modules, profile.kept_results(), prompter)
        self.signing: Signing | None = None
        """The one under way, on whatever connection."""
        self._occupied = False
        self.watch = Watch(modules, settings.poll_seconds, lambda: self._occupied)

    def occupy(self) -> None:
        """Take the desk for one request; Busy if somebody has it."""
        if self._occupied:
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
            prompter.close(at_once)

    def stop(self) -> None:
        """End the workers."""
        self.tools.modules.stop()
