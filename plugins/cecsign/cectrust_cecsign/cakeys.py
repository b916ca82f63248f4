"""Opening a CA's token: the only place where a CA key comes within reach of a signature."""

from collections.abc import Iterator
from contextlib import contextmanager

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy.orm import Session

from cectrust.sdk.protocols import PluginContext
from cectrust_cecsign.errors import KeyOffline, RegisterBroken
from cectrust_cecsign.keys import TokenEcKey, TokenRsaKey, load_key
from cectrust_cecsign.model import Authority
from cectrust_cecsign.secretfiles import read_pin
from cectrust_cecsign.settings import CaToken, settings_of
from cectrust_cecsign.store import authorities
from cectrust_cecsign.token import open_token


def is_at_hand(context: PluginContext, authority: Authority) -> bool:
    """Whether this machine has the token with the authority's key."""
    return settings_of(context).ca_token(authority) is not None


@contextmanager
def open_ca_token(context: PluginContext, authority: Authority) -> Iterator[pkcs11.Session]:
    """A logged-in session on the token that holds this authority's key; raises `KeyOffline` without one."""
    token: CaToken | None = settings_of(context).ca_token(authority)
    if token is None:
        raise KeyOffline(detail=authority.value)
    with open_token(token.address, read_pin(token.pin_file)) as session:
        yield session


@contextmanager
def open_ca_key(context: PluginContext, authority: Authority) -> Iterator[TokenRsaKey]:
    """The authority's key, usable inside the block."""
    with context.reading() as session:
        key_id = authorities.key_id(session, authority)
    with open_ca_token(context, authority) as token:
        yield rsa_key(load_key(token, key_id))


def rsa_key(key: TokenRsaKey | TokenEcKey) -> TokenRsaKey:
    """CA keys are RSA; anything else under a CA's id is a broken register."""
    if not isinstance(key, TokenRsaKey):
        raise RegisterBroken(detail="a CA key is not RSA")
    return key


def certified_key(session: Session, authority: Authority) -> rsa.RSAPublicKey:
    """The public key in the authority's certificate: what its signatures must verify under."""
    key = x509.load_der_x509_certificate(authorities.certificate_of(session, authority)).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise RegisterBroken(detail=f"{authority} is not RSA")
    return key
