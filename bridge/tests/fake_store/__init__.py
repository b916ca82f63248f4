"""A scripted token: it locks, goes away, is swapped, hangs, crashes. No part of the installed bridge.

Real tokens do this once a year and SoftHSM2 never does. `library` speaks python-pkcs11's language to the real
worker's code; `bridge` is the whole bridge with this store in place of those of its profile.
"""
