"""What every notifier must do."""
# ruff: noqa: S101 - these are tests, shipped so that plugins can run them

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from cectrust.sdk.errors import InputRefused, Unavailable
from cectrust.sdk.protocols import Message, Notifier


class NotifierContract:
    """Obligations of ``Notifier``.

    Fixtures: ``notifier``; ``received``: a function that returns what arrived, in order; ``unreachable``: a
    notifier whose next system does not answer.
    """

    @pytest.fixture
    def notifier(self) -> Notifier:
        raise NotImplementedError("give a fixture `notifier`")

    @pytest.fixture
    def received(self) -> Callable[[], Sequence[Message]]:
        raise NotImplementedError("give a fixture `received`")

    @pytest.fixture
    def unreachable(self) -> Notifier:
        raise NotImplementedError("give a fixture `unreachable`")

    def message(self, **changes: str) -> Message:
        text = "髙﨑 𠮷乃 様\n\n契約書を受領しました。\n.\nhttp://localhost/contracts/1\n"
        fields = {
            "message_id": "a1b2@example.jp",
            "to": "yoshino@example.jp",
            "subject": "【CECTRUST】契約書",
            "body": text,
        }
        return Message(**{**fields, **changes})

    def test_it_is_a_notifier(self, notifier: Notifier) -> None:
        assert isinstance(notifier, Notifier)
        assert notifier.name

    def test_a_japanese_message_arrives_as_it_was_written(
        self, notifier: Notifier, received: Callable[[], Sequence[Message]]
    ) -> None:
        notifier.send(self.message())
        assert list(received()) == [self.message()]

    def test_a_long_subject_arrives_whole(self, notifier: Notifier, received: Callable[[], Sequence[Message]]) -> None:
        message = self.message(subject="【CECTRUST】" + "外構工事請負契約書" * 20)
        notifier.send(message)
        assert list(received()) == [message]

    def test_a_repeat_carries_the_same_message_id(
        self, notifier: Notifier, received: Callable[[], Sequence[Message]]
    ) -> None:
        notifier.send(self.message())
        notifier.send(self.message())
        assert {message.message_id for message in received()} <= {"a1b2@example.jp"}

    @pytest.mark.parametrize("field", ["message_id", "to", "subject"])
    @pytest.mark.parametrize("injected", ["\r\nBcc: x@example.jp", "\n", "\r", "\x00", "\x1b", "\x85", "\u2028"])
    def test_control_characters_are_refused(
        self, notifier: Notifier, received: Callable[[], Sequence[Message]], field: str, injected: str
    ) -> None:
        value = getattr(self.message(), field) + injected
        with pytest.raises(InputRefused):
            notifier.send(self.message(**{field: value}))
        assert list(received()) == []

    @pytest.mark.parametrize(
        "address", ["", "nobody", "@example.jp", "a@", "a b@example.jp", "a@b@c", "A <a@example.jp>"]
    )
    def test_a_malformed_address_is_refused(self, notifier: Notifier, address: str) -> None:
        with pytest.raises(InputRefused):
            notifier.send(self.message(to=address))

    def test_a_next_system_that_is_down_is_unavailable(self, unreachable: Notifier) -> None:
        with pytest.raises(Unavailable):
            unreachable.send(self.message())
