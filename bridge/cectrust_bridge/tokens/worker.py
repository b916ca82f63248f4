"""The worker process: one PKCS#11 module, one thread, killed by its parent when it hangs (PKCS#11 v2.40).

It reads the PIN itself from a pipe that the window's process writes, and never repeats a driver's words.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pkcs11
from pkcs11 import Attribute, ObjectClass, TokenFlag, exceptions
from pkcs11.types import PROTECTED_AUTH

from ..channel import Channel, ChannelClosed, Message
from . import signing

MAX_PIN = 256
PIN_STATES = (
    (TokenFlag.USER_PIN_LOCKED, "locked"),
    (TokenFlag.USER_PIN_TO_BE_CHANGED, "change_required"),
    (TokenFlag.USER_PIN_FINAL_TRY, "final"),
    (TokenFlag.USER_PIN_COUNT_LOW, "low"),
)
GONE = (
    exceptions.DeviceRemoved,
    exceptions.TokenNotPresent,
    exceptions.TokenNotRecognised,
    exceptions.SessionHandleInvalid,
)
WRONG_PIN = (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange)
Answer = dict[str, Any]


class Failure(Exception):
    """What to tell the parent: the name of an error of the protocol."""

    def __init__(self, name: str, **facts: Any) -> None:
        super().__init__(name)
        self.answer: Answer = {"error": name, "facts": facts}


def pin_state(token: pkcs11.Token) -> str:
    """The most serious thing the token's flags say about its user PIN."""
    return next((name for flag, name in PIN_STATES if token.flags & flag), "normal")


def describe(token: pkcs11.Token) -> Answer:
    """A token as the parent's `Token` wants it, without the module's name."""
    return {
        "label": token.label,
        "serial": token.serial.decode("ascii", "replace").rstrip(),
        "manufacturer": token.manufacturer_id,
        "model": token.model,
        "pin_state": pin_state(token),
        "protected_path": bool(token.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH),
    }


def present_tokens(library: Any) -> list[pkcs11.Token]:
    """Initialised tokens now present. Only a fresh C_Initialize sees tokens that another process added."""
    library.reinitialize()
    found = []
    for slot in library.get_slots(token_present=True):
        with contextlib.suppress(*GONE):
            found.append(slot.get_token())
    return [token for token in found if token.flags & TokenFlag.TOKEN_INITIALIZED]


def certificates(token: pkcs11.Token) -> list[tuple[bytes, bytes]]:
    """CKA_ID and DER of the X.509 certificates readable without PIN. Listed first: nested searches raise."""
    with token.open() as session:
        objects = list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
        pairs = [(bytes(each[Attribute.ID]), bytes(each[Attribute.VALUE])) for each in objects]
    return [(key_id, der) for key_id, der in pairs if key_id]


def survey(library: Any) -> Answer:
    """All tokens with their certificates, DER as hex."""
    tokens = []
    for token in present_tokens(library):
        ders = [der.hex() for _, der in certificates(token)]
        tokens.append({"token": describe(token), "certificates": ders})
    return {"tokens": tokens}


def chosen_token(library: Any, serial: str, model: str) -> pkcs11.Token:
    """The very token the person was shown."""
    for token in present_tokens(library):
        shown = describe(token)
        if (shown["serial"], shown["model"]) == (serial, model):
            return token
    raise Failure("token_removed")


def refuse_unusable(state: str) -> None:
    """A locked token or a transport PIN never gets as far as a log-in."""
    if state == "locked":
        raise Failure("pin_locked")
    if state == "change_required":
        raise Failure("pin_change_required")


def wrong_pin(token: pkcs11.Token) -> Failure:
    """One wrong PIN stops everything; the flags say how near the lock is."""
    state = pin_state(token)
    name = {"locked": "pin_locked", "final": "pin_final_try"}.get(state, "pin_incorrect")
    return Failure(name, pin_state=state)


def read_pin(descriptor: int) -> str:
    """The PIN from the window's pipe, to its end. What is not UTF-8 is never tried on the token."""
    with os.fdopen(descriptor, "rb") as pipe:
        octets = pipe.read(MAX_PIN + 1)
    try:
        return octets.decode()
    except UnicodeDecodeError:
        # Its text would quote the PIN.
        raise Failure("pin_incorrect", pin_state="normal") from None


@contextlib.contextmanager
def logged_in(token: pkcs11.Token, pin: str | object) -> Iterator[pkcs11.Session]:
    """A session logged in for this batch alone; the log-out comes whatever happens."""
    try:
        session = token.open(user_pin=pin)
    except WRONG_PIN:
        raise wrong_pin(token) from None
    except exceptions.PinLocked:
        raise Failure("pin_locked") from None
    except exceptions.PinExpired:
        raise Failure("pin_change_required") from None
    with session:
        yield session


def sign_batch(library: Any, message: Message, report: Callable[[str], None]) -> Answer:
    """Sign every attribute set with one log-in, and report each signature as it is made."""
    wanted = message.fields
    token = chosen_token(library, wanted["serial"], wanted["model"])
    refuse_unusable(pin_state(token))
    key_id = next((key for key, der in certificates(token) if der.hex() == wanted["certificate"]), None)
    if key_id is None:
        raise Failure("cert_not_found")
    pin = read_pin(message.descriptors[0]) if message.descriptors else PROTECTED_AUTH
    try:
        with logged_in(token, pin) as session:
            key = signing.private_key(session, key_id, wanted["mechanism"])
            for attributes in wanted["attributes"]:
                signature = signing.sign(token, session, key, wanted["mechanism"], bytes.fromhex(attributes), pin)
                report(signature.hex())
    except GONE:
        raise Failure("token_removed") from None
    return {"done": True}


def answer(library: Any, message: Message, channel: Channel) -> Answer:
    """Act on one message."""
    try:
        if message.fields["do"] == "survey":
            return survey(library)
        return sign_batch(library, message, lambda made: channel.send({"progress": True, "signature": made}))
    except Failure as failure:
        return failure.answer
    except signing.KeyNotFound:
        return Failure("cert_not_found").answer
    except (signing.Unsupported, exceptions.MechanismInvalid):
        return Failure("mechanism_unsupported").answer
    except GONE:
        return Failure("token_removed").answer
    except Exception:
        # Whatever a driver's words may hold stays here.
        return Failure("device_error").answer


def main(channel: Channel, module: str) -> None:
    """Load the module and serve until the parent goes."""
    try:
        library = pkcs11.lib(module)
    except (exceptions.PKCS11Error, RuntimeError, OSError):
        channel.send({"error": "no_module", "facts": {}})
        return
    channel.send({"loaded": True})
    with contextlib.suppress(ChannelClosed):
        while True:
            channel.send(answer(library, channel.receive(), channel))
