"""Who issued a certificate: from it up to a root, as far as the authorities' certificates are at hand (RFC 5280, 6.1).

This is no trust: which roots count is the server's to say. It finds what can be wrong with the pieces themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from cryptography import x509

from ..formats.certificates import issued_by
from ..prompters.consent import readable_name
from .finding import Finding, found

LONGEST = 8


def judged(leaf: x509.Certificate, authorities: Sequence[x509.Certificate], now: dt.datetime) -> Finding:
    """One finding about the whole way up."""
    issuer, below = _name(leaf.issuer), leaf
    for depth in range(LONGEST):
        named = [each for each in authorities if each.subject == below.issuer and _fits(below, each)]
        if not named:
            return found("certificate.unchained", issuer=issuer, missing=_name(below.issuer))
        above = next((each for each in named if issued_by(below, each)), None)
        if above is None:
            return found("certificate.forged", issuer=_name(below.issuer))
        if wrong := _wrong(above, depth, now):
            return wrong
        if above.issuer == above.subject:
            return found("certificate.chained", issuer=issuer, root=_name(above.subject))
        below = above
    return found("certificate.unchained", issuer=issuer, missing=_name(below.issuer))


def _wrong(authority: x509.Certificate, depth: int, now: dt.datetime) -> Finding | None:
    """`depth`: how many authorities stand between it and the person's certificate."""
    name, since, until = _name(authority.subject), authority.not_valid_before_utc, authority.not_valid_after_utc
    if not _may_certify(authority, depth):
        return found("certificate.no_authority", issuer=name)
    if not since <= now <= until:
        days = {"since": since.date().isoformat(), "until": until.date().isoformat()}
        return found("certificate.issuer_dates", issuer=name, **days)
    return None


def _may_certify(authority: x509.Certificate, depth: int) -> bool:
    """CA flag, length of the path, and key usage if it says anything."""
    try:
        basic = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    try:
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        usage = True
    return basic.ca and usage and (basic.path_length is None or basic.path_length >= depth)


def _fits(below: x509.Certificate, above: x509.Certificate) -> bool:
    """An authority that changed its key has two certificates with one name: the key's own name tells them apart."""
    try:
        wanted = below.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        named = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return True
    return wanted is None or wanted == named


def _name(name: x509.Name) -> str:
    return readable_name(name)[:200] or "?"
