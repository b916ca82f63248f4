"""`python -m tests.benchmarks.raw_sign MODULE PIN KEY_ID COUNT`: the token alone, in a process of its own.

Prints milliseconds a signature, the log-in included: what no signing program can do without.
"""

from __future__ import annotations

import hashlib
import sys
import time

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass


def main(module: str, pin: str, key_id: str, count: str) -> None:
    token = next(slot.get_token() for slot in pkcs11.lib(module).get_slots(token_present=True))
    octets = [hashlib.sha256(bytes([n % 256])).digest() * 8 for n in range(int(count))]
    started = time.perf_counter()
    with token.open(user_pin=pin) as session:
        wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: bytes.fromhex(key_id)}
        [key] = list(session.get_objects(wanted))
        rsa = key[Attribute.KEY_TYPE] == KeyType.RSA
        for each in octets:
            if rsa:
                key.sign(each, mechanism=Mechanism.SHA256_RSA_PKCS)
            else:
                key.sign(hashlib.sha256(each).digest(), mechanism=Mechanism.ECDSA)
    print((time.perf_counter() - started) * 1000 / len(octets))


if __name__ == "__main__":
    main(*sys.argv[1:])
