"""The computers that a person signs with: registered by a one-time code, listed, removed (``PROTOCOL.md``, 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from cectrust.clock import new_id
from cectrust.identity import service as identity
from cectrust.identity.model import Account
from cectrust.identity.permissions import Subject, require
from cectrust.identity.step_up import require_step_up
from cectrust.sdk.errors import CectrustError, Conflict, InputRefused, NotFound, TooManyRequests
from cectrust.sdk.protocols import Act, Actor, Instant
from cectrust.signing import bridge_store as store
from cectrust.signing import pairing_code, pairing_messages
from cectrust.signing.bridge_model import (
    CODE_LIFE,
    CODES_AN_HOUR,
    HOUR,
    NewCode,
    PairingCode,
    RegisteredBridge,
    ServerFacts,
)
from cectrust.work import Work

MAX_HINT = 200


def register(actor: Actor, work: Work, login_id: str, bridge_id: str, jwk: Mapping[str, str]) -> None:
    """Let a bridge's identity key speak for this user ID's computer: the administrator's way, without a code."""
    require(actor, "bridge.registered")
    account = identity.active_by_login(work, login_id)
    if any(known.bridge_id == bridge_id for known in store.bridges_of(work.session, account.id)):
        return
    _register(work, account.id, bridge_id, jwk)
    _record(work, actor, "bridge.registered", account, {"bridge_id": bridge_id})


def make_code(actor: Actor, work: Work) -> NewCode:
    """A one-time code for this user's next computer; the codes he had are no longer good.

    Raises:
        Forbidden: not a user ID. StepUpNeeded: not confirmed. TooManyRequests: too many within the hour.
    """
    require(actor, "bridge.code_made", Subject(account_id=actor.id))
    require_step_up(actor, work, "bridge.code_made")
    now = work.clock.now()
    if store.codes_since(work.session, actor.id, Instant(now - HOUR)) >= CODES_AN_HOUR:
        raise TooManyRequests(
            "too_many_codes",
            "登録コードを続けて作りすぎました。1 時間ほど待ってから、もう一度お試しください。",
            "Too many codes were made. Wait an hour and try again.",
        )
    store.cancel_codes(work.session, actor.id, now)
    code = pairing_code.new_code()
    kept = PairingCode(
        new_id(work.clock), actor.id, pairing_code.sealed(code), now, Instant(now + CODE_LIFE), None, None, None
    )
    store.insert_code(work.session, kept, pairing_code.stored_name(pairing_code.lookup(code)))
    _record(work, actor, "bridge.code_made", identity.account(work, actor.id), {"code": kept.id})
    return NewCode(kept.id, pairing_code.shown(code), kept.expires_at)


def pair(work: Work, body: bytes, facts: ServerFacts) -> dict[str, Any]:
    """Register the bridge that proves to know an open code, for the code's user; the answer proves the same of us.

    Nobody is signed in here: the code is the right to do this. Whether it was used or is too old is told only to
    those who know it.

    Raises:
        InputRefused: malformed, unknown code, or changed on its way. Conflict: the code was used or is over.
    """
    request = pairing_messages.parse_request(body)
    code = store.code_by_stored_name(work.session, pairing_code.stored_name(request.lookup))
    if code is None:
        raise _unknown_code()
    keys = pairing_code.opened(request.lookup, code.sealed)
    pairing_messages.check_knowledge(request, keys)
    account = identity.account(work, code.account_id)
    require(account.actor, "bridge.paired", Subject(account_id=account.id))
    pairing_messages.check_bridge(request, facts)
    if not account.active:
        raise _unknown_code()
    if not store.use_code(work.session, code.id, request.bridge_id, work.clock.now()):
        raise _closed_code(code, work.clock.now())
    made = _register(work, account.id, request.bridge_id, request.jwk, request.name, request.system, code.id)
    detail = {"bridge_id": made.bridge_id, "name": made.name, "code": code.id, "registration": made.registration}
    _record(work, account.actor, "bridge.paired", account, detail)
    return pairing_messages.answer(request, keys, facts, made.registration, _hint(work, account))


def listing(actor: Actor, work: Work) -> list[RegisteredBridge]:
    """This user's computers, the newest first. Raises ``Forbidden``."""
    require(actor, "bridge.view", Subject(account_id=actor.id))
    return store.bridges_of(work.session, actor.id)


def own_bridge(actor: Actor, work: Work, bridge_id: str) -> RegisteredBridge:
    """One of them. Raises ``NotFound``."""
    for bridge in listing(actor, work):
        if bridge.bridge_id == bridge_id:
            return bridge
    raise NotFound("パソコン", "computer")


def is_registered(session: Session, account_id: str, bridge_id: str) -> bool:
    """Whether the bridge speaks for this account: for the keys role, which has no actor."""
    return any(bridge.bridge_id == bridge_id for bridge in store.bridges_of(session, account_id))


def own_code(actor: Actor, work: Work, code_id: str) -> PairingCode:
    """A code of this user, to see whether it was used. Raises ``NotFound``."""
    require(actor, "bridge.view", Subject(account_id=actor.id))
    found = store.code_of(work.session, actor.id, code_id)
    if found is None:
        raise NotFound("登録コード", "code")
    return found


def remove(actor: Actor, work: Work, bridge_id: str) -> RegisteredBridge:
    """This user signs with that computer no longer; its next hello is refused.

    Raises:
        NotFound: no such computer of his. StepUpNeeded: not confirmed.
    """
    require(actor, "bridge.removed", Subject(account_id=actor.id))
    bridge = own_bridge(actor, work, bridge_id)
    require_step_up(actor, work, "bridge.removed", bridge.registration, bridge.name)
    _remove(work, actor, bridge, "user")
    return bridge


def leave(work: Work, body: bytes, facts: ServerFacts) -> None:
    """A bridge says that it leaves: all its registrations end. Its word names one of them that still runs.

    So it is good once: none of them runs afterwards.

    Raises:
        InputRefused: no such registration (``pairing_unknown``), malformed, or not signed by the bridge.
    """
    removal = pairing_messages.parse_removal(body)
    known = store.registrations_of(work.session, removal.bridge_id)
    named = next((bridge for bridge in known if bridge.registration == removal.registration), None)
    if named is None:
        raise InputRefused("pairing_unknown", "その登録はありません。", "There is no such registration.")
    pairing_messages.check_removal(removal, named.jwk, facts.issuer)
    for bridge in known:
        _remove(work, identity.account(work, bridge.account_id).actor, bridge, "bridge")


def seen(work: Work, account_id: str, bridge_id: str) -> None:
    """Remember that the bridge was used just now."""
    store.used(work.session, account_id, bridge_id, work.clock.now())


def _register(
    work: Work,
    account_id: str,
    bridge_id: str,
    jwk: Mapping[str, str],
    name: str = "",
    system: str = "",
    code_id: str | None = None,
) -> RegisteredBridge:
    registration, now = new_id(work.clock), work.clock.now()
    made = RegisteredBridge(bridge_id, account_id, dict(jwk), registration, name, system, now, None, code_id, None)
    store.register(work.session, made)
    return made


def _remove(work: Work, actor: Actor, bridge: RegisteredBridge, by: str) -> None:
    if store.remove(work.session, bridge, work.clock.now()):
        account = identity.account(work, bridge.account_id)
        detail = {"bridge_id": bridge.bridge_id, "name": bridge.name, "by": by}
        _record(work, actor, "bridge.removed", account, detail)


def _record(work: Work, actor: Actor, act: str, account: Account, detail: Mapping[str, Any]) -> None:
    companies = (account.company_id,) if account.company_id else ()
    work.journal.record(work.session, actor, Act(act, account.id, companies, detail))


def _hint(work: Work, account: Account) -> str:
    """Whose bridge it is, as its windows say it beside the server's name."""
    company = f"（{identity.company(work, account.company_id).name}）" if account.company_id else ""
    return f"{account.person}{company}"[:MAX_HINT]


def _unknown_code() -> CectrustError:
    return InputRefused("pairing_code_unknown", "この登録コードは使えません。", "This code is not accepted.")


def _closed_code(code: PairingCode, now: Instant) -> CectrustError:
    if now >= code.expires_at and code.used_at is None:
        return Conflict("pairing_code_expired", "登録コードの有効時間が過ぎました。", "The code is over.")
    if code.cancelled_at is not None:
        return _unknown_code()
    return Conflict("pairing_code_used", "登録コードはすでに使われています。", "The code was used already.")
