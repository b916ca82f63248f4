"""Distinguished names of certification requests (X.501, RFC 5280 appendix A)."""

from __future__ import annotations

from collections.abc import Sequence

from asn1crypto import x509

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
"""RFC 5280 appendix A wants PrintableString for these; all others are UTF8String."""


def name(subject: Sequence[tuple[str, str]]) -> x509.Name:
    """A distinguished name of one attribute per RDN, in the order given."""
    rdns = []
    for kind, value in subject:
        string = "printable_string" if kind in PRINTABLE else "utf8_string"
        text = x509.DirectoryString(name=string, value=value)
        pair = x509.NameTypeAndValue({"type": OIDS[kind], "value": text})
        rdns.append(x509.RelativeDistinguishedName([pair]))
    return x509.Name("", x509.RDNSequence(rdns))
