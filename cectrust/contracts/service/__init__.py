"""What people do with contracts, one function per thing; split by what the thing is about.

A contract's journey reads: ``register`` → ``ask_consent`` → ``give_consent`` → (signature) → ``send`` →
``send_back`` or (signature, returned) → ``confirm``.
"""

from cectrust.contracts.model import Consent
from cectrust.contracts.service.consent import (
    ask_consent,
    consent,
    consent_for,
    consents_of,
    give_consent,
    refuse_consent,
    require_consent,
    withdraw_consent,
)
from cectrust.contracts.service.exchange import confirm, recall, send, send_back
from cectrust.contracts.service.partners import Partner, Partners, partners
from cectrust.contracts.service.reading import (
    DUE_SOON,
    PAGE,
    acts_open_to,
    contract,
    desk,
    history,
    listing,
    original,
    receipt,
    role_of,
    several,
)
from cectrust.contracts.service.registration import Registration, Upload, discard, register, replace_document
from cectrust.contracts.service.signatures import (
    SignatureFacts,
    abandon_acceptance,
    begin_acceptance,
    record_fields,
    record_signature,
    slot_of_turn,
    slot_to_sign,
)

__all__ = [
    "DUE_SOON",
    "PAGE",
    "Consent",
    "Partner",
    "Partners",
    "Registration",
    "SignatureFacts",
    "Upload",
    "abandon_acceptance",
    "acts_open_to",
    "ask_consent",
    "begin_acceptance",
    "confirm",
    "consent",
    "consent_for",
    "consents_of",
    "contract",
    "desk",
    "discard",
    "give_consent",
    "history",
    "listing",
    "original",
    "partners",
    "recall",
    "receipt",
    "record_fields",
    "record_signature",
    "refuse_consent",
    "register",
    "replace_document",
    "require_consent",
    "role_of",
    "send",
    "send_back",
    "several",
    "slot_of_turn",
    "slot_to_sign",
    "withdraw_consent",
]
