"""How a worker says that it could not: by the name of an error of the protocol, never in a driver's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pkcs11 import exceptions

from ..processes.pinpipe import NotAPin

Answer = dict[str, Any]
GONE = (
    exceptions.DeviceRemoved,
    exceptions.TokenNotPresent,
    exceptions.TokenNotRecognised,
    exceptions.SessionHandleInvalid,
    exceptions.SessionClosed,
)
WRONG_PIN = (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange)
UNSUPPORTED = (
    exceptions.MechanismInvalid,
    exceptions.MechanismParamInvalid,
    exceptions.KeySizeRange,
    exceptions.KeyTypeInconsistent,
)


class Failure(Exception):
    """What to tell the parent: the name of an error of the protocol, and its facts."""

    def __init__(self, name: str, **facts: Any) -> None:
        super().__init__(name)
        self.answer: Answer = {"error": name, "facts": facts}


@contextmanager
def named() -> Iterator[None]:
    """Turns whatever goes wrong in the block into a Failure; the original words end here."""
    try:
        yield
    except Failure:
        raise
    except NotAPin:
        raise Failure("pin_incorrect", pin_state="normal") from None
    except GONE:
        raise Failure("token_removed") from None
    except UNSUPPORTED:
        raise Failure("mechanism_unsupported") from None
    except Exception:
        raise Failure("device_error") from None
