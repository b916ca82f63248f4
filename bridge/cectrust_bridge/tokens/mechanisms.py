"""What a slot can do, in the protocol's words, read from its mechanism list (C_GetMechanismList)."""

from __future__ import annotations

from typing import Any

import pkcs11
from pkcs11 import Mechanism, exceptions

RSA_SIGNING = (Mechanism.SHA256_RSA_PKCS, Mechanism.RSA_PKCS)
RSA_KEYS = {"rsa2048": 2048, "rsa3072": 3072, "rsa4096": 4096}
EC_KEYS = {"p256": ("secp256r1", 256), "p384": ("secp384r1", 384)}


def signing(slot: pkcs11.Slot) -> list[str]:
    """Signature mechanisms of the protocol that the token offers."""
    offered = slot.get_mechanisms()
    rsa = ["rsa_pkcs1v15_sha256"] if any(each in offered for each in RSA_SIGNING) else []
    return [*rsa, *(["ecdsa_sha256", "ecdsa_sha384"] if Mechanism.ECDSA in offered else [])]


def generating(slot: pkcs11.Slot) -> list[str]:
    """Kinds of key that the token says it can make."""
    rsa = _sizes(slot, Mechanism.RSA_PKCS_KEY_PAIR_GEN)
    curve = _sizes(slot, Mechanism.EC_KEY_PAIR_GEN)
    types = [name for name, bits in RSA_KEYS.items() if rsa[0] <= bits <= rsa[1]]
    return types + [name for name, (_, bits) in EC_KEYS.items() if curve[0] <= bits <= curve[1]]


def _sizes(slot: Any, mechanism: Mechanism) -> tuple[int, int]:
    """Smallest and largest key in bits; an empty range if the mechanism is not offered."""
    if mechanism not in slot.get_mechanisms():
        return 1, 0
    try:
        info = slot.get_mechanism_info(mechanism)
    except exceptions.PKCS11Error:
        return 1, 0
    return info.min_key_length, info.max_key_length
