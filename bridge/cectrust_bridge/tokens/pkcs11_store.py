"""The worker's side of a PKCS#11 module (OASIS PKCS#11 v2.40): finds the token, logs in, acts, logs out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pkcs11
from pkcs11 import TokenFlag, exceptions
from pkcs11.types import PROTECTED_AUTH

from ..clock import elapsed
from ..processes.channel import Message
from ..processes.pinpipe import read_change, read_pin
from . import certification, generation, mechanisms, objects, signing
from .failures import WRONG_PIN, Answer, Failure, named
from .worker import Report

Seen = TypeVar("Seen")
PIN_STATES = (
    (TokenFlag.USER_PIN_LOCKED, "locked"),
    (TokenFlag.USER_PIN_TO_BE_CHANGED, "change_required"),
    (TokenFlag.USER_PIN_FINAL_TRY, "final"),
    (TokenFlag.USER_PIN_COUNT_LOW, "low"),
)


def pin_state(token: pkcs11.Token) -> str:
    """The most serious thing the token's flags said about its user PIN when `get_token()` read them."""
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
        "mechanisms": mechanisms.signing(token.slot),
        "key_types": mechanisms.generating(token.slot),
    }


def refuse_unusable(token: pkcs11.Token, wanted: Answer) -> None:
    """A locked token or a transport PIN never gets as far as a log-in."""
    state = pin_state(token)
    if state == "locked":
        raise Failure("pin_locked")
    if state == "change_required":
        raise Failure("pin_change_required")
    refuse_unseen_last_try(token, wanted)


def refuse_unseen_last_try(token: pkcs11.Token, wanted: Answer) -> None:
    """Tries were used up after the token was shown: whoever gave this PIN was not asked whether to risk the last."""
    if pin_state(token) == "final" and wanted["token"]["pin_state"] != "final":
        raise Failure("pin_final_try", pin_state="final")


def wrong_pin(token: pkcs11.Token) -> Failure:
    """One wrong PIN stops everything; the flags, read anew because this try changed them, say how near the lock is."""
    state = pin_state(token.slot.get_token())
    name = {"locked": "pin_locked", "final": "pin_final_try"}.get(state, "pin_incorrect")
    return Failure(name, pin_state=state)


def _pin(message: Message) -> str | object:
    """The PIN from the window's pipe; without a pipe the token asks on its own keys."""
    return read_pin(message.take_descriptor()) if message.descriptors else PROTECTED_AUTH


@contextlib.contextmanager
def pin_errors(token: pkcs11.Token) -> Iterator[None]:
    """What a token answers to a PIN."""
    try:
        yield
    except WRONG_PIN:
        raise wrong_pin(token) from None
    except exceptions.PinLocked:
        raise Failure("pin_locked") from None
    except exceptions.PinExpired:
        raise Failure("pin_change_required") from None
    except exceptions.FunctionCancelled:
        raise Failure("user_cancelled") from None


@contextlib.contextmanager
def logged_in(token: pkcs11.Token, pin: str | object, rw: bool = False) -> Iterator[pkcs11.Session]:
    """A session logged in for this act alone; the log-out comes whatever happens."""
    with pin_errors(token):
        session = token.open(rw=rw, user_pin=pin)
    with session:
        yield session


def _ders(token: pkcs11.Token) -> dict[str, list[str]]:
    held = objects.all_certificates(token)
    return {
        "certificates": [der.hex() for key_id, der in held if key_id],
        "unnamed": [der.hex() for key_id, der in held if not key_id],
    }


class Pkcs11Store:
    """One loaded module."""

    def __init__(self, library: Any, clock: Callable[[], float] = elapsed) -> None:
        """`clock`: seconds that pass, as `elapsed` has them."""
        self._library, self._clock = library, clock

    def tokens(self, _: Message) -> Answer:
        """Present tokens; how many were `unreadable`."""
        return self._listed(lambda token: {"token": describe(token)})

    def survey(self, _: Message) -> Answer:
        """The same with their certificates, `unnamed` those of no key there."""
        return self._listed(lambda token: {"token": describe(token), **_ders(token)})

    def sign(self, message: Message, report: Report) -> Answer:
        """Sign everything with one log-in, which lasts `seconds`. What was reported before a failure is signed."""
        wanted = message.fields
        token, key_id = self._holder(wanted, bytes.fromhex(wanted["certificate"]))
        refuse_unusable(token, wanted)
        pin = _pin(message)
        with logged_in(token, pin) as session:
            until = self._clock() + wanted["seconds"]
            key = objects.private_key(session, key_id, wanted["mechanism"])
            sign = signing.signer(token, key, wanted["mechanism"], pin)
            for done, octets in enumerate(wanted["octets"], 1):
                self._check_session(until)
                report(done, sign(bytes.fromhex(octets)))
        return {}

    def _check_session(self, until: float) -> None:
        """A token that is slow, or a computer that slept, leaves nobody logged in for longer than he agreed to."""
        if self._clock() >= until:
            raise Failure("device_error")

    def change_pin(self, message: Message) -> Answer:
        """C_SetPIN without a log-in before it: a logged-in token might not check the old PIN."""
        token = self._only(message.fields)
        if pin_state(token) == "locked":
            raise Failure("pin_locked")
        refuse_unseen_last_try(token, message.fields)
        if not message.descriptors or token.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH:
            # C_SetPIN with null pointers is out of python-pkcs11's reach: the token's own software does it.
            raise Failure("mechanism_unsupported")
        old, new = read_change(message.take_descriptor())
        with pin_errors(token), token.open(rw=True) as session:
            objects.change_pin(session, old, new)
        return {}

    def generate(self, message: Message) -> Answer:
        """Make the key pair unless it is there, and read back that it cannot leave."""
        wanted = message.fields
        token = self._only(wanted)
        if wanted["type"] not in mechanisms.generating(token.slot):
            raise Failure("mechanism_unsupported")
        refuse_unusable(token, wanted)
        with logged_in(token, _pin(message), rw=True) as session:
            key_id = bytes.fromhex(wanted["key_id"])
            public = generation.ensure_key_pair(session, wanted["type"], key_id, wanted["label"])
        return {"public_key": public.hex()}

    def request(self, message: Message) -> Answer:
        """A certification request by a key of this token."""
        wanted = message.fields
        token = self._only(wanted)
        refuse_unusable(token, wanted)
        pin = _pin(message)
        with logged_in(token, pin) as session:
            pair = objects.key_pair(session, bytes.fromhex(wanted["key_id"]))
            sign = signing.signer(token, pair.private, pair.mechanism, pin)
            made = certification.request(wanted["subject"], pair.public, pair.mechanism, sign)
        return {"request": made.hex()}

    def store(self, message: Message) -> Answer:
        """Certificate and chain, once the certificate's key was found here."""
        wanted = message.fields
        token = self._only(wanted)
        refuse_unusable(token, wanted)
        with logged_in(token, _pin(message), rw=True) as session:
            chain = [bytes.fromhex(der) for der in wanted["chain"]]
            objects.store(session, bytes.fromhex(wanted["certificate"]), chain)
        return {}

    def open(self, _: Message) -> Answer:
        """A module is no file."""
        raise Failure("mechanism_unsupported")

    def _listed(self, look: Callable[[pkcs11.Token], Answer]) -> Answer:
        """A store in which nothing can be read has failed; one bad token among good ones is only counted."""
        found, failures = self._each(look)
        if failures and not found:
            raise failures[0]
        return {"tokens": found, "unreadable": len(failures)}

    def _each(self, look: Callable[[pkcs11.Token], Seen]) -> tuple[list[Seen], list[Failure]]:
        """What `look` sees on each initialised token, and why not. A token that goes meanwhile is not present.

        Only a fresh C_Initialize sees tokens that another process added.
        """
        self._library.reinitialize()
        found, failures = [], []
        for slot in self._library.get_slots(token_present=True):
            try:
                with named():
                    token = slot.get_token()
                    found += [look(token)] if token.flags & TokenFlag.TOKEN_INITIALIZED else []
            except Failure as failure:
                failures += [failure] if failure.answer["error"] != "token_removed" else []
        return found, failures

    def _shown(self, wanted: Answer) -> list[pkcs11.Token]:
        """What looks as the person was shown it: one token, unless cheap ones share a serial number."""
        names = ("label", "serial", "manufacturer", "model")
        present, _ = self._each(lambda token: (token, describe(token)))
        return [token for token, shown in present if all(shown[name] == wanted["token"][name] for name in names)]

    def _only(self, wanted: Answer) -> pkcs11.Token:
        """The very token; nothing is written to one of two that cannot be told apart."""
        shown = self._shown(wanted)
        if len(shown) != 1:
            raise Failure("token_removed")
        return shown[0]

    def _holder(self, wanted: Answer, der: bytes) -> tuple[pkcs11.Token, bytes]:
        """The very token with this certificate, and the CKA_ID of its key."""
        shown = self._shown(wanted)
        if not shown:
            raise Failure("token_removed")
        for token in shown:
            for key_id, held in objects.certificates(token):
                if held == der:
                    return token, key_id
        raise Failure("cert_not_found")
