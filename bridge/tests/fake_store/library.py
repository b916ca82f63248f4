"""As much of python-pkcs11 as the bridge's worker uses, over a script (PKCS#11 v2.40 semantics)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from asn1crypto.core import OctetString
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag, exceptions
from pkcs11.types import PROTECTED_AUTH
from pkcs11.util.ec import encode_named_curve_parameters

from .script import Script, alone

MECHANISMS = ["RSA_PKCS_KEY_PAIR_GEN", "SHA256_RSA_PKCS", "RSA_PKCS", "EC_KEY_PAIR_GEN", "ECDSA"]


class Library:
    """A module whose slots the script fills."""

    def __init__(self, path: Path) -> None:
        self._script = Script(path)
        self._script.reaches("load", "")
        self._written: dict[str, list[Object]] = {}

    def reinitialize(self) -> None:
        self._script.reaches("list", "")

    def get_slots(self, *, token_present: bool) -> list[Slot]:
        assert token_present
        return [Slot(self._script, facts, self._written) for facts in self._script.tokens()]


class Slot:
    def __init__(self, script: Script, facts: Mapping[str, Any], written: dict[str, list[Object]]) -> None:
        self._script, self._facts, self._written = script, facts, written

    def get_token(self) -> Token:
        _break(self._facts, "info")
        return Token(self, self._script, self._facts, self._written.setdefault(self._facts["serial"], []))

    def get_mechanisms(self) -> set[Mechanism]:
        _break(self._facts, "mechanisms")
        return {Mechanism[name] for name in self._facts.get("mechanisms", MECHANISMS)}

    def get_mechanism_info(self, mechanism: Mechanism) -> SimpleNamespace:
        low, high = (256, 384) if mechanism is Mechanism.EC_KEY_PAIR_GEN else (1024, 2048)
        return SimpleNamespace(min_key_length=low, max_key_length=high)


def _break(facts: Mapping[str, Any], at: str) -> None:
    """A token that always errs here."""
    if facts.get("broken") == at:
        raise exceptions.GeneralError("a driver's words")


class Object(dict[Attribute, Any]):
    """Attributes, and for a private key the key."""

    session: Session
    key: Any = None

    def __getitem__(self, attribute: Attribute) -> Any:
        if (value := self.get(attribute)) is None:
            raise exceptions.AttributeTypeInvalid
        return value

    def destroy(self) -> None:
        self.session.token.written.remove(self)
        self.session.token.remember_written()

    def sign(self, octets: bytes, mechanism: Mechanism, pin: str | None = None) -> bytes:
        token = self.session.token
        self.session.check()
        token.script.reaches("sign", token.facts["serial"])
        if self.get(Attribute.ALWAYS_AUTHENTICATE):
            if pin is None:
                raise exceptions.UserNotLoggedIn
            token.check_pin(pin)
        return _signature(self.key, octets, mechanism)


def _signature(key: Any, octets: bytes, mechanism: Mechanism) -> bytes:
    if mechanism is Mechanism.SHA256_RSA_PKCS:
        return bytes(key.sign(octets, padding.PKCS1v15(), hashes.SHA256()))
    if mechanism is Mechanism.RSA_PKCS:
        return bytes(key.sign(octets, padding.PKCS1v15(), utils.NoDigestInfo()))
    algorithm = {32: hashes.SHA256(), 48: hashes.SHA384()}[len(octets)]
    r, s = utils.decode_dss_signature(key.sign(octets, ec.ECDSA(utils.Prehashed(algorithm))))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


class Token:
    """One token. `written` are the objects that were made on it since its worker started.

    `flags` are those of the moment of `get_token()`, as python-pkcs11 keeps them.
    """

    def __init__(self, slot: Slot, script: Script, facts: Mapping[str, Any], written: list[Object]) -> None:
        self.slot, self.script, self.facts, self.written = slot, script, facts, written
        self.label, self.model, self.manufacturer_id = facts["label"], facts["model"], "Fake"
        self.serial = facts["serial"].encode()
        self.flags = self._flags()

    def _flags(self) -> TokenFlag:
        flags = TokenFlag.TOKEN_INITIALIZED
        for name in self.facts.get("flags", []):
            if name != "USER_PIN_TO_BE_CHANGED" or self.facts["serial"] not in self.script.state()["changed"]:
                flags |= TokenFlag[name]
        wrong, tries = self._wrong(), self.facts.get("tries", 5)
        flags |= TokenFlag.USER_PIN_COUNT_LOW if 0 < wrong < tries else TokenFlag(0)
        flags |= TokenFlag.USER_PIN_FINAL_TRY if wrong == tries - 1 else TokenFlag(0)
        return flags | (TokenFlag.USER_PIN_LOCKED if wrong >= tries else TokenFlag(0))

    def _wrong(self) -> int:
        return int(self.script.state()["wrong"].get(self.facts["serial"], 0))

    def remember_written(self) -> None:
        """For the test, which is in another process."""
        with alone(self.script.path):
            state = self.script.state()
            state["written"][self.facts["serial"]] = len(self.written)
            self.script.remember(state)

    def check_pin(self, pin: str) -> None:
        """Count as a card does: a right PIN sets the counter back, a locked one is not even compared."""
        with alone(self.script.path):
            state, serial = self.script.state(), self.facts["serial"]
            if self._wrong() >= self.facts.get("tries", 5):
                raise exceptions.PinLocked
            right = pin == state["pins"].get(serial, self.facts["pin"])
            state["wrong"][serial] = 0 if right else self._wrong() + 1
            self.script.remember(state)
        if not right:
            raise exceptions.PinIncorrect

    def open(self, rw: bool = False, user_pin: str | object | None = None) -> Session:
        if user_pin is PROTECTED_AUTH:
            self.script.reaches("pinpad", self.facts["serial"])
            if self.facts.get("pinpad") == "cancel":
                raise exceptions.FunctionCancelled
        elif isinstance(user_pin, str):
            self.script.reaches("login", self.facts["serial"])
            self.check_pin(user_pin)
        return Session(self, rw, user_pin is not None)


class Session:
    """`rw`: may write; `user`: logged in."""

    def __init__(self, token: Token, rw: bool, user: bool) -> None:
        self.token, self.rw, self.user = token, rw, user

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        if self.user:
            self.token.script.reaches("logout", self.token.facts["serial"])

    def check(self) -> None:
        """Its token may be gone, or another in its place."""
        if self.token.facts["serial"] not in [each["serial"] for each in self.token.script.tokens()]:
            raise exceptions.SessionHandleInvalid

    def get_objects(self, wanted: Mapping[Attribute, Any]) -> Iterator[Object]:
        self.check()
        _break(self.token.facts, "objects")
        for each in [*self._kept(), *self.token.written]:
            private = each[Attribute.CLASS] == ObjectClass.PRIVATE_KEY
            if (self.user or not private) and all(each.get(name) == value for name, value in wanted.items()):
                each.session = self
                yield each

    def _kept(self) -> Iterator[Object]:
        folder = self.token.script.path.parent
        for number, name in enumerate(self.token.facts.get("keys", []), 1):
            key = serialization.load_pem_private_key((folder / name / "key.pem").read_bytes(), None)
            der = (folder / name / "cert.der").read_bytes()
            key_id = bytes([number])
            yield Object({Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.ID: key_id, Attribute.VALUE: der})
            yield from _pair(key, key_id, self.token.facts.get("always_authenticate", False))

    def set_pin(self, old: str, new: str) -> None:
        self.token.check_pin(old)
        if len(new) < self.token.facts.get("min_pin", 4):
            raise exceptions.PinLenRange
        with alone(self.token.script.path):
            state = self.token.script.state()
            state["pins"][self.token.facts["serial"]] = new
            state["changed"].append(self.token.facts["serial"])
            self.token.script.remember(state)

    def generate_keypair(self, kind: KeyType, bits: int, **facts: Any) -> None:
        assert kind is KeyType.RSA
        self.token.script.reaches("generate", self.token.facts["serial"])
        if not self.rw or not self.user:
            raise exceptions.SessionReadOnly
        made = _pair(rsa.generate_private_key(65537, bits), facts["id"], False)
        private, public = made
        private.update(facts["private_template"])
        private.update({Attribute.LOCAL: True, Attribute.NEVER_EXTRACTABLE: True})
        private.update({Attribute[name]: value for name, value in self.token.facts.get("makes", {}).items()})
        self.token.written += [private, public]
        self.token.remember_written()


def _pair(key: Any, key_id: bytes, always: bool) -> list[Object]:
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = public.public_numbers()
        modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
        shown = {Attribute.KEY_TYPE: KeyType.RSA, Attribute.MODULUS: modulus, Attribute.PUBLIC_EXPONENT: b"\1\0\1"}
    else:
        point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        parameters = encode_named_curve_parameters(public.curve.name)
        wrapped = OctetString(point).dump()
        shown = {Attribute.KEY_TYPE: KeyType.EC, Attribute.EC_PARAMS: parameters, Attribute.EC_POINT: wrapped}
    private = Object({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: key_id, **shown})
    private[Attribute.ALWAYS_AUTHENTICATE] = always
    private.key = key
    return [private, Object({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: key_id, **shown})]
