"""What a person's bridge and token answer to ``auth.sign``, and dangerous acts that were confirmed."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import rfc8785

from cectrust.authentication.model import Challenge
from cectrust.identity import session_store, sessions, step_up
from cectrust.identity.service import account
from cectrust.keys import jose
from cectrust.sdk.protocols import Actor
from cectrust.signing.bridge_messages import RESULT_DOMAIN
from cectrust.work import Work
from tests.support.person import Person
from tests.support.pki import sign_raw


def answer(person: Person, challenge: Challenge, **changes: Any) -> dict[str, Any]:
    """The bridge's signed result; ``changes`` tamper before it signs. ``statement``: what the token signs instead."""
    statement = changes.pop("statement", challenge.statement)
    result = {
        "v": 1,
        "op": "auth.sign",
        "bridge_id": jose.thumbprint(person.bridge_jwk),
        "origin": challenge.origin,
        "jti": challenge.id,
        "cert_sha256": hashlib.sha256(person.entity.der).hexdigest(),
        "certificate": jose.encode(person.entity.der),
        "mechanism": challenge.mechanism,
        "signature": jose.encode(sign_raw(person.entity, statement)),
        **changes,
    }
    sealed = jose.sign_raw(person.bridge_key, RESULT_DOMAIN + rfc8785.dumps(result))
    return {**result, "bridge_signature": jose.encode(sealed)}


def signed_in(work: Work, actor: Actor, *, half_open: bool = False) -> Actor:
    """The actor in a session of his own."""
    opened = sessions.start(work, account(work, actor.id), half_open=half_open)
    return dataclasses.replace(actor, session=sessions.digest(opened.token))


def confirmed(work: Work, actor: Actor, act: str, subject: str = "") -> Actor:
    """The actor in a session in which he has just confirmed this act."""
    found = actor if actor.session else signed_in(work, actor)
    asked = step_up.ask(found, work, step_up.StepUpNeeded(act, subject, ""))
    session_store.confirm(work.session, asked.id, work.clock.now())
    return found
