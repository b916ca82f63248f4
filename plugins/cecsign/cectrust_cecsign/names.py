"""Distinguished names with the limits of RFC 5280 appendix A.1, counted in characters.

cryptography counts a commonName's limit in UTF-8 bytes, so that 22 kanji would fail; names are therefore
assembled with asn1crypto and measured here.
"""

import unicodedata

from asn1crypto import x509 as asn1

from cectrust_cecsign.errors import NameRefused
from cectrust_cecsign.model import Person

UB_NAME = 64
"""ub-common-name, ub-organization-name, ub-organizational-unit-name, ub-serial-number, in characters."""
COUNTRY = "JP"


def checked(field: str, value: str) -> str:
    """``value`` unchanged, never normalised; raises `NameRefused` if empty, too long or with control characters."""
    hidden = any(unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} for character in value)
    if not value.strip() or value != value.strip() or len(value) > UB_NAME or hidden:
        raise NameRefused(field, UB_NAME, detail=f"{len(value)} characters")
    return value


def romanised(value: str) -> str:
    """A romanised name: `checked` and ASCII letters, spaces, full stops, hyphens, apostrophes only."""
    if not all(character.isascii() and (character.isalpha() or character in " .-'") for character in value):
        raise NameRefused("romanised", UB_NAME, detail="not ASCII letters")
    return checked("romanised", value)


def subscriber_name(person: Person, applicant_number: str) -> bytes:
    """DER Name: C, O, OU?, CN (legal name, UTF8String), serialNumber (PrintableString)."""
    parts = {"country_name": COUNTRY, "organization_name": checked("organisation", person.organisation)}
    if person.unit is not None:
        parts["organizational_unit_name"] = checked("unit", person.unit)
    parts["common_name"] = checked("name", person.legal_name)
    parts["serial_number"] = checked("applicant_number", applicant_number)
    return der_name(parts)


def authority_name(organisation: str, common_name: str) -> bytes:
    """DER Name of a CA, responder or TSA: C, O, CN."""
    return der_name(
        {
            "country_name": COUNTRY,
            "organization_name": checked("organisation", organisation),
            "common_name": checked("common_name", common_name),
        }
    )


def der_name(parts: dict[str, str]) -> bytes:
    """DER of a Name, one attribute per RDN in the order given; UTF8String except where RFC 5280 says otherwise."""
    rdns = [asn1.RelativeDistinguishedName([_attribute(kind, value)]) for kind, value in parts.items()]
    encoded: bytes = asn1.Name(name="", value=asn1.RDNSequence(rdns)).dump()
    return encoded


def _attribute(kind: str, value: str) -> asn1.NameTypeAndValue:
    printable = kind in {"country_name", "serial_number"}
    name = "printable_string" if printable else "utf8_string"
    spec = asn1.PrintableString if printable else asn1.UTF8String
    return asn1.NameTypeAndValue({"type": kind, "value": asn1.DirectoryString(name=name, value=spec(value))})
