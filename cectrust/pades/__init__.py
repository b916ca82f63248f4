"""The signing engine (PAdES, ETSI EN 319 142-1): the only importer of pyHanko in the house."""

import logging

from cectrust.pades import hexstrings
from cectrust.pades.certificates import certificate_warnings, mechanism_for, signed_attributes
from cectrust.pades.embed import embed, verify_raw_signature
from cectrust.pades.fields import add_fields, place_slots
from cectrust.pades.intake import intake
from cectrust.pades.longterm import extend_to_lta
from cectrust.pades.prepare import prepare
from cectrust.pades.validation import validate

hexstrings.install()

# pyHanko logs what it finds in certificates, people's names included, each time a check fails. Our reports and
# errors say it; logs must not.
for _library in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)

__all__ = [
    "add_fields",
    "certificate_warnings",
    "embed",
    "extend_to_lta",
    "intake",
    "mechanism_for",
    "place_slots",
    "prepare",
    "signed_attributes",
    "validate",
    "verify_raw_signature",
]
