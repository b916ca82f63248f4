"""Making the CA: root, issuing CA under it, the TSA's own root, and OCSP responders.

Every step looks first at what is there, so that the ceremony can be repeated after a crash until it is whole.
"""

import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from cectrust.sdk.protocols import Actor, PluginContext
from cectrust_cecsign.cakeys import certified_key, open_ca_key, open_ca_token
from cectrust_cecsign.instants import now, to_datetime
from cectrust_cecsign.issuing import Plan, record_intent, sign_intent
from cectrust_cecsign.keys import load_key
from cectrust_cecsign.model import Authority, KeyKind, Profile, Validity
from cectrust_cecsign.names import authority_name
from cectrust_cecsign.profiles import (
    Policy,
    Publication,
    SubjectKey,
    issuing_extensions,
    responder_extensions,
    root_extensions,
    tsa_root_extensions,
)
from cectrust_cecsign.settings import settings_of
from cectrust_cecsign.store import authorities
from cectrust_cecsign.token import ensure_key_pair
from cectrust_cecsign.validity import validity_from

RSA_BITS = {Authority.ROOT: 4096, Authority.ISSUING: 3072, Authority.TSA: 3072}
KEY_ID_BYTES = 16


def initialise(context: PluginContext, actor: Actor) -> None:
    """Make whatever of the hierarchy is missing. Needs both the online and the offline token."""
    for authority in (Authority.ROOT, Authority.ISSUING, Authority.TSA):
        public_key = _ensure_key(context, authority)
        with context.transaction() as session:
            _ensure_intent(context, session, authority, public_key)
        _ensure_signature(context, actor, authority)
    ensure_responder(context, actor)


def publication(session: Session, context: PluginContext, issuer: Authority) -> Publication:
    """Where certificates issued by ``issuer`` say that its data is found."""
    settings = settings_of(context)
    return Publication(
        issuer_key=certified_key(session, issuer),
        certificate_url=settings.certificate_url(issuer),
        crl_url=settings.crl_url(issuer),
        ocsp_url=settings.ocsp_url if issuer is Authority.ISSUING else None,
    )


def policy(context: PluginContext) -> Policy:
    """The certificate policy of this CA."""
    settings = settings_of(context)
    return Policy(settings.policy_oid, settings.cps_url)


def ensure_responder(context: PluginContext, actor: Actor) -> None:
    """Make a new OCSP responder key and certificate if none lives for another third of its term.

    A responder's key is certified once, like every other: renewal means a new key.
    """
    if not responder_due(context):
        return
    with context.transaction() as session:
        key_id = authorities.plan_responder(session, new_key_id(), now(context.clock))
    with open_ca_token(context, Authority.ISSUING) as token:
        ensure_key_pair(token, KeyKind.P256, bytes.fromhex(key_id), "ocsp-responder")
        public_key = load_key(token, bytes.fromhex(key_id)).public_key()
    with context.transaction() as session:
        serial = _ensure_responder_intent(context, session, key_id, public_key)
    with open_ca_key(context, Authority.ISSUING) as key, context.transaction() as session:
        sign_intent(context, session, actor, serial, key)


def responder_due(context: PluginContext) -> bool:
    """Whether the responder's certificate is missing or in the last third of its life."""
    with context.reading() as session:
        newest = authorities.newest_responder(session)
    spare = timedelta(days=settings_of(context).responder_days) / 3
    return newest is None or to_datetime(newest[2]) - now(context.clock) < spare


def new_key_id() -> str:
    """A random CKA_ID, hexadecimal."""
    return secrets.token_hex(KEY_ID_BYTES)


def _ensure_key(context: PluginContext, authority: Authority) -> SubjectKey:
    with context.transaction() as session:
        key_id = bytes.fromhex(authorities.ensure(session, authority, new_key_id()))
    with open_ca_token(context, authority) as token:
        ensure_key_pair(token, RSA_BITS[authority], key_id, f"cecsign-{authority}")
        return load_key(token, key_id).public_key()


def _ensure_intent(context: PluginContext, session: Session, authority: Authority, key: SubjectKey) -> None:
    if authorities.serial(session, authority) is None:
        serial = record_intent(context, session, _plan(context, session, authority, key))
        authorities.set_serial(session, authority, serial)


def _ensure_signature(context: PluginContext, actor: Actor, authority: Authority) -> None:
    issuer = Authority.ROOT if authority is Authority.ISSUING else authority
    with open_ca_key(context, issuer) as key, context.transaction() as session:
        serial = authorities.serial(session, authority)
        if serial is not None:
            sign_intent(context, session, actor, serial, key)


def _plan(context: PluginContext, session: Session, authority: Authority, key: SubjectKey) -> Plan:
    settings, start = settings_of(context), now(context.clock)
    names = settings.common_names
    if authority is Authority.ISSUING:
        extensions = issuing_extensions(key, policy(context), publication(session, context, Authority.ROOT))
        subject = authority_name(settings.organisation, names.issuing)
        validity = validity_from(start, settings.issuing_years)
        return Plan(Profile.ISSUING, Authority.ROOT, subject, key, validity, extensions)
    is_root = authority is Authority.ROOT
    return Plan(
        profile=Profile.ROOT if is_root else Profile.TSA_ROOT,
        issuer=authority,
        subject=authority_name(settings.organisation, names.root if is_root else names.tsa_root),
        key=key,
        validity=validity_from(start, settings.root_years),
        extensions=root_extensions(key) if is_root else tsa_root_extensions(key),
        self_signed=True,
    )


def _ensure_responder_intent(context: PluginContext, session: Session, key_id: str, key: SubjectKey) -> str:
    serial = authorities.responder_serial(session, key_id)
    if serial is None:
        serial = record_intent(context, session, _responder_plan(context, session, key))
        authorities.set_responder_serial(session, key_id, serial)
    return serial


def _responder_plan(context: PluginContext, session: Session, key: SubjectKey) -> Plan:
    settings, start = settings_of(context), now(context.clock)
    extensions = responder_extensions(key, certified_key(session, Authority.ISSUING))
    subject = authority_name(settings.organisation, settings.common_names.responder)
    validity = Validity(start, start + timedelta(days=settings.responder_days) - timedelta(seconds=1))
    return Plan(Profile.RESPONDER, Authority.ISSUING, subject, key, validity, extensions)
