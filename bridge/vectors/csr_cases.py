"""Subjects of certification requests, and their names in DER."""

from __future__ import annotations

from typing import Any

from auth_cases import SUBJECTS
from cryptography import x509
from cryptography.x509.name import _ASN1Type as Asn1
from tokens import b64

OIDS = {
    "C": "2.5.4.6",
    "ST": "2.5.4.8",
    "L": "2.5.4.7",
    "O": "2.5.4.10",
    "organizationIdentifier": "2.5.4.97",
    "OU": "2.5.4.11",
    "title": "2.5.4.12",
    "SN": "2.5.4.4",
    "GN": "2.5.4.42",
    "serialNumber": "2.5.4.5",
    "CN": "2.5.4.3",
}
PRINTABLE = ("C", "serialNumber")
Subject = list[list[str]]
EVERY = [
    ["C", "JP"],
    ["ST", "北海道"],
    ["L", "札幌市"],
    ["O", "株式会社山田太郎建設工業"],
    ["organizationIdentifier", "NTRJP-1234567890123"],
    ["OU", "営業第一部"],
    ["title", "代表取締役"],
    ["SN", "髙﨑"],
    ["GN", "𠮷乃"],
    ["serialNumber", "0001 '()+,-./:=?"],
    ["CN", "髙﨑 𠮷乃"],
]


def name_der(subject: Subject, printable: tuple[str, ...] = PRINTABLE) -> bytes:
    """The bridge writes names with asn1crypto, these come from cryptography: two libraries, one encoding."""
    pairs = [
        x509.NameAttribute(
            x509.ObjectIdentifier(OIDS[kind]),
            value,
            Asn1.PrintableString if kind in printable else Asn1.UTF8String,
            _validate=False,
        )
        for kind, value in subject
    ]
    return x509.Name(pairs).public_bytes()


def good(name: str, subject: Subject) -> dict[str, Any]:
    return {"name": name, "accept": True, "subject": subject, "der": b64(name_der(subject))}


def bad(name: str, subject: Any) -> dict[str, Any]:
    """A subject that is refused before there is a name."""
    return {"name": name, "accept": False, "subject": subject, "der": None}


def other(name: str, der: bytes) -> dict[str, Any]:
    """A right subject, and what is not its name."""
    return {"name": name, "accept": False, "subject": SUBJECTS["an ordinary person"], "der": b64(der)}


def refused() -> list[dict[str, Any]]:
    person = SUBJECTS["an ordinary person"]
    subjects: dict[str, Any] = {
        "none": [],
        "seventeen attributes": [["O", "乙建設"]] * 17,
        "an unknown type": [["emailAddress", "a@example.jp"]],
        "a type by its number": [["2.5.4.3", "髙﨑"]],
        "a type in other letters": [["cn", "髙﨑"]],
        "an empty value": [["CN", ""]],
        "a value of 301 characters": [["O", "あ" * 301]],
        "a value that is a number": [["serialNumber", 123]],
        "a value with a line feed": [["CN", "髙﨑\n𠮷乃"]],
        "a value with a zero octet": [["CN", "a\0b"]],
        "a value with a C1 control": [["CN", "a\u0085b"]],
        "a country of three letters": [["C", "JPN"]],
        "a country in small letters": [["C", "jp"]],
        "kanji in a PrintableString": [["serialNumber", "一"]],
        "an underscore in a PrintableString": [["serialNumber", "a_b"]],
        "an attribute of three parts": [["CN", "髙﨑", "𠮷乃"]],
        "an attribute that is an object": [{"CN": "髙﨑"}],
        "an object": dict(person),
    }
    return [bad(name, subject) for name, subject in subjects.items()]


def csr_file() -> dict[str, Any]:
    person = SUBJECTS["an ordinary person"]
    return {
        "description": "csr.create: `der` (b64url) is the subject's name in DER; null: the request is refused "
        "(bad_request_signature).",
        "cases": [
            *[good(name, subject) for name, subject in SUBJECTS.items()],
            good("every type", EVERY),
            good("sixteen attributes of one type", [["OU", f"第{n}部"] for n in range(16)]),
            good("a value of 300 characters", [["O", "あ" * 300]]),
            *refused(),
            other("the country as UTF8String", name_der(person, ("serialNumber",))),
            other("the serial number as UTF8String", name_der(person, ("C",))),
            other("sorted", name_der(sorted(person))),
            other("backwards", name_der(person[::-1])),
            other("composed to another form", name_der([["C", "JP"], ["O", "乙建設株式会社"], ["CN", "高崎 吉乃"]])),
        ],
    }
