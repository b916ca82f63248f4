"""The form of a request's claims, for each operation its own (PROTOCOL.md section 4)."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from ..formats import certificates, jose
from ..formats.names import OIDS, PRINTABLE

LIFE = 120
INTEGER_LIMIT = 2**53
MECHANISMS = ("rsa_pkcs1v15_sha256", "ecdsa_sha256", "ecdsa_sha384")
KEY_TYPES = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384")
COMMON = {"v", "iss", "kid", "aud", "origin", "cn", "jti", "iat", "exp", "op"}
SIGNING = {"cert_sha256", "format", "mechanism", "docs"}
DOCUMENT = {"id", "sha256", "size", "title", "partner", "amount", "currency", "pages"}
MAX_CERTIFICATE, MAX_CHAIN, MAX_RDNS = 16384, 5, 16
HEX_SHA256 = re.compile(r"[0-9a-f]{64}")
KEY_ID = re.compile(r"(?:[0-9a-f]{2}){1,64}")
DOCUMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
JTI = re.compile(r"[A-Za-z0-9_-]{16,64}")
CURRENCY = re.compile(r"[A-Z]{3}")
COUNTRY = re.compile(r"[A-Z]{2}")
PRINTABLE_STRING = re.compile(r"[A-Za-z0-9 '()+,./:=?-]{1,300}")


@dataclass(frozen=True)
class Document:
    """What the server claims about one document; `size` in octets, `amount` in whole units of `currency`."""

    id: str
    sha256: str
    size: int
    title: str
    partner: str
    amount: int | None
    currency: str | None
    pages: int


@dataclass(frozen=True)
class Authentication:
    """Why `auth.sign`: to log in, or for one named act. `nonce` is the server's, b64url of 32 octets."""

    nonce: str
    purpose: str
    act: str


@dataclass(frozen=True)
class TokenName:
    """A token as `token.list` named it."""

    module: str
    serial: str
    model: str


@dataclass(frozen=True)
class NewKey:
    """A key to be made; `change_pin`: the person gives the token a PIN of his own first."""

    type: str
    label: str
    change_pin: bool


@dataclass(frozen=True)
class CertificateRequest:
    """A PKCS#10 request to be made by the key of this CKA_ID (hex); `subject`: kind and value, in order."""

    key_id: str
    subject: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NewCertificate:
    """A certificate (DER) to be put beside its key, and its issuers', each of the one before."""

    der: bytes
    chain: tuple[bytes, ...]


Matter = Authentication | NewKey | CertificateRequest | NewCertificate


@dataclass(frozen=True)
class Request:
    """A verified request. What its `op` does not have is empty."""

    issuer: str
    jti: str
    op: str
    cert_sha256: str = ""
    mechanism: str = ""
    docs: tuple[Document, ...] = ()
    token: TokenName | None = None
    matter: Matter | None = None


def require(condition: object, what: str) -> None:
    """ValueError unless `condition` holds."""
    if not condition:
        raise ValueError(what)


def is_integer(value: object, low: int, high: int = INTEGER_LIMIT) -> bool:
    """An int (no bool) in low … high−1."""
    return type(value) is int and low <= value < high


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_text(value: object, most: int = 300) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= most


def _is_plain(value: object, most: int) -> bool:
    """Text without control characters, so that it can be part of a string whose parts are parted by a zero octet."""
    return _is_text(value, most) and all(unicodedata.category(each) != "Cc" for each in str(value))


def _has(value: Any, members: set[str], what: str) -> Any:
    require(isinstance(value, dict) and set(value) == members, f"members of {what}")
    return value


def _document(value: Any) -> Document:
    _has(value, DOCUMENT, "document")
    require(_matches(DOCUMENT_ID, value["id"]) and _matches(HEX_SHA256, value["sha256"]), "document id or digest")
    require(is_integer(value["size"], 1) and is_integer(value["pages"], 1, 5001), "document size or pages")
    require(_is_text(value["title"]) and _is_text(value["partner"]), "document title or partner")
    if value["amount"] is None:
        require(value["currency"] is None, "currency without amount")
    else:
        require(is_integer(value["amount"], 0) and _matches(CURRENCY, value["currency"]), "amount or currency")
    return Document(**value)


def _documents(value: Any) -> tuple[Document, ...]:
    require(isinstance(value, list) and 1 <= len(value) <= 200, "number of documents")
    documents = tuple(_document(item) for item in value)
    require(len({document.id for document in documents}) == len(documents), "document ids repeat")
    return documents


def _certificate_and_mechanism(claims: Mapping[str, Any]) -> dict[str, str]:
    require(claims["mechanism"] in MECHANISMS and _matches(HEX_SHA256, claims["cert_sha256"]), "mechanism or cert")
    return {"cert_sha256": claims["cert_sha256"], "mechanism": claims["mechanism"]}


def _listing(claims: Mapping[str, Any]) -> dict[str, Any]:
    require(all(claims[name] is None for name in ("cert_sha256", "format", "mechanism")), "null expected")
    require(claims["docs"] == [], "documents not expected")
    return {}


def _sign(claims: Mapping[str, Any]) -> dict[str, Any]:
    require(claims["format"] == "pades", "format")
    return {**_certificate_and_mechanism(claims), "docs": _documents(claims["docs"])}


def _auth(claims: Mapping[str, Any]) -> dict[str, Any]:
    value = _has(claims["auth"], {"nonce", "purpose", "act"}, "auth")
    jose.from_b64url(value["nonce"], 32)
    require(value["purpose"] in ("login", "step_up"), "purpose")
    if value["purpose"] == "login":
        require(value["act"] is None, "a log-in names no act")
    else:
        require(_is_plain(value["act"], 200), "act")
    matter = Authentication(value["nonce"], value["purpose"], value["act"] or "")
    return {**_certificate_and_mechanism(claims), "matter": matter}


def _token(claims: Mapping[str, Any]) -> TokenName:
    value = _has(claims["token"], {"module", "serial", "model"}, "token")
    require(_is_text(value["module"], 100), "module")
    require(all(isinstance(value[name], str) and len(value[name]) <= 64 for name in ("serial", "model")), "token")
    return TokenName(**value)


def _new_key(claims: Mapping[str, Any]) -> dict[str, Any]:
    value = _has(claims["key"], {"type", "label", "change_pin"}, "key")
    require(value["type"] in KEY_TYPES and _is_plain(value["label"], 64), "key type or label")
    require(type(value["change_pin"]) is bool, "change_pin")
    return {"token": _token(claims), "matter": NewKey(**value)}


def _rdn(value: Any) -> tuple[str, str]:
    require(isinstance(value, list) and len(value) == 2, "subject")
    kind, text = value
    require(isinstance(kind, str) and kind in OIDS and _is_plain(text, 300), "subject")
    require(kind not in PRINTABLE or _matches(PRINTABLE_STRING, text), "printable characters")
    require(kind != "C" or _matches(COUNTRY, text), "country")
    return kind, text


def _certificate_request(claims: Mapping[str, Any]) -> dict[str, Any]:
    value = _has(claims["csr"], {"key_id", "subject"}, "csr")
    require(_matches(KEY_ID, value["key_id"]), "key_id")
    require(isinstance(value["subject"], list) and 1 <= len(value["subject"]) <= MAX_RDNS, "subject")
    matter = CertificateRequest(value["key_id"], tuple(_rdn(each) for each in value["subject"]))
    return {"token": _token(claims), "matter": matter}


def _der(value: object) -> bytes:
    """A certificate; ValueError if it is too long or cannot be read."""
    require(isinstance(value, str) and len(value) <= MAX_CERTIFICATE * 4 // 3 + 4, "certificate too long")
    der = jose.from_b64url(value)
    certificates.readable(der)
    return der


def _new_certificate(claims: Mapping[str, Any]) -> dict[str, Any]:
    value = _has(claims["import"], {"certificate", "chain"}, "import")
    require(isinstance(value["chain"], list) and len(value["chain"]) <= MAX_CHAIN, "chain")
    matter = NewCertificate(_der(value["certificate"]), tuple(_der(each) for each in value["chain"]))
    parsed = [x509.load_der_x509_certificate(der) for der in (matter.der, *matter.chain)]
    require(all(certificates.issued_by(*pair) for pair in itertools.pairwise(parsed)), "a chain that is none")
    return {"token": _token(claims), "matter": matter}


FORMS: Mapping[str, tuple[set[str], Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "token.list": (SIGNING, _listing),
    "cert.list": (SIGNING, _listing),
    "sign": (SIGNING, _sign),
    "sign.resume": (SIGNING, _listing),
    "auth.sign": ({"cert_sha256", "mechanism", "auth"}, _auth),
    "key.generate": ({"token", "key"}, _new_key),
    "csr.create": ({"token", "csr"}, _certificate_request),
    "cert.import": ({"token", "import"}, _new_certificate),
}
"""Each operation's own claims, and what reads them."""


def parse(claims: Mapping[str, Any]) -> Request:
    """The request that these claims are; ValueError otherwise."""
    op = claims.get("op")
    require(isinstance(op, str) and op in FORMS, "op")
    own, read = FORMS[str(op)]
    require(set(claims) == COMMON | own and type(claims["v"]) is int and claims["v"] == 1, "claims or version")
    require(all(isinstance(claims[name], str) for name in ("iss", "kid", "aud", "origin", "cn")), "texts")
    require(_matches(JTI, claims["jti"]), "jti")
    require(is_integer(claims["iat"], 0) and is_integer(claims["exp"], 0), "times")
    require(0 < claims["exp"] - claims["iat"] <= LIFE, "life")
    return Request(claims["iss"], claims["jti"], str(op), **read(claims))
