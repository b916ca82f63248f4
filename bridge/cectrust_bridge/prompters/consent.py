"""What the person is asked: the server's claims and the bridge's own facts, apart and harmless to display."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from ..display import amount, host, visible
from ..documents.byterange import ByteRange
from ..documents.received import ReceivedDocument
from ..pairing.model import Pairing
from ..tokens.model import Certificate, Token


@dataclass(frozen=True)
class CheckedDocument:
    """A received document, the range that will be signed, and how many signatures it carries already."""

    document: ReceivedDocument
    byte_range: ByteRange
    earlier_signatures: int


def asker(server: Pairing, origin: str) -> dict[str, Any]:
    """Who asks: the page's origin, and the name that the pairing file (not the page) gives its server."""
    return {
        "origin": visible(origin),
        "host": host(origin),
        "server": visible(server.server_name),
        "user": visible(server.user_hint),
    }


def _document(checked: CheckedDocument) -> dict[str, Any]:
    claims = checked.document.claims
    return {
        "claims": {
            "title": visible(claims.title),
            "partner": visible(claims.partner),
            "amount": amount(claims.amount, claims.currency),
        },
        "facts": {
            "pages": claims.pages,
            "size": claims.size,
            "sha256": claims.sha256,
            "earlier_signatures": checked.earlier_signatures,
        },
    }


def _totals(documents: Sequence[CheckedDocument]) -> dict[str, Any]:
    """Pages and octets counted here; the claimed amounts, a sum for each currency."""
    claims = [checked.document.claims for checked in documents]
    sums: Counter[str] = Counter()
    for each in claims:
        if each.amount is not None and each.currency is not None:
            sums[each.currency] += each.amount
    return {
        "documents": len(claims),
        "pages": sum(each.pages for each in claims),
        "size": sum(each.size for each in claims),
        "amounts": [amount(total, currency) for currency, total in sorted(sums.items())] or [amount(None, None)],
    }


def readable_name(name: x509.Name) -> str:
    """The values of a distinguished name, the person's own name first, for people who don't read RFC 4514."""
    values = [(each.oid != NameOID.COMMON_NAME, str(each.value)) for each in name if each.oid != NameOID.COUNTRY_NAME]
    return visible(" / ".join(value for _, value in sorted(values, key=lambda each: each[0])))


def _certificate(certificate: Certificate) -> dict[str, Any]:
    parsed = x509.load_der_x509_certificate(certificate.der)
    named = {"holder": readable_name(parsed.subject), "authority": readable_name(parsed.issuer)}
    return {name: visible(value) for name, value in certificate_facts(certificate.der).items()} | named


def token(present: Token) -> dict[str, Any]:
    """The token as the person recognises it."""
    return {
        "label": visible(present.label),
        "serial": visible(present.serial),
        "model": visible(present.model),
        "pin_state": present.pin_state,
    }


def listing_question(server: Pairing, origin: str) -> dict[str, Any]:
    """May this page see the tokens and certificates?"""
    return {"ask": "list", **asker(server, origin)}


def signing_question(
    server: Pairing, origin: str, certificate: Certificate, documents: Sequence[CheckedDocument]
) -> dict[str, Any]:
    """Shall these documents be signed with this certificate?"""
    return {
        "ask": "sign",
        **asker(server, origin),
        "certificate": _certificate(certificate),
        "token": token(certificate.token),
        "documents": [_document(checked) for checked in documents],
        "totals": _totals(documents),
    }


def act_question(
    server: Pairing, origin: str, act: str, claims: Mapping[str, str], facts: Mapping[str, str], present: Token
) -> dict[str, Any]:
    """Shall the token do this? `claims` are the server's words, `facts` the bridge's; both get harmless here."""
    return {
        "ask": "act",
        "act": act,
        **asker(server, origin),
        "claims": {name: visible(value) for name, value in claims.items()},
        "facts": {name: visible(value) for name, value in facts.items()},
        "token": token(present),
    }


def certificate_facts(der: bytes) -> dict[str, str]:
    """A certificate in full."""
    parsed = x509.load_der_x509_certificate(der)
    return {
        "subject": parsed.subject.rfc4514_string(),
        "issuer": parsed.issuer.rfc4514_string(),
        "until": parsed.not_valid_after_utc.date().isoformat(),
        "sha256": hashlib.sha256(der).hexdigest(),
    }


def chain_facts(der: bytes, chain: Sequence[bytes]) -> dict[str, str]:
    """The same, with all authorities that are stored along, each the issuer of the one before."""
    facts = readable_facts(der)
    above = [readable_name(x509.load_der_x509_certificate(each).issuer) for each in chain]
    return facts | {"issuer": " ← ".join(dict.fromkeys([facts["issuer"], *above]))}


def readable_facts(der: bytes) -> dict[str, str]:
    """A certificate as the person recognises it."""
    parsed = x509.load_der_x509_certificate(der)
    named = {"subject": readable_name(parsed.subject), "issuer": readable_name(parsed.issuer)}
    return certificate_facts(der) | named
