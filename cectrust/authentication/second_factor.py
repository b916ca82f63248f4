"""Whether an account logs in with its certificate, and the way back for who lost the token.

Recovery codes: ten, 80 random bits each, shown once, each good once. Only digests are stored.
"""

from __future__ import annotations

import secrets
import unicodedata

from cectrust.authentication import store
from cectrust.authentication.model import SecondFactor
from cectrust.identity import service as identity
from cectrust.identity import sessions, sign_in, step_up
from cectrust.identity.model import Account, SignedIn, SignInRefused
from cectrust.identity.permissions import Subject, require
from cectrust.identity.step_up import require_step_up
from cectrust.sdk.errors import Conflict
from cectrust.sdk.protocols import Act, Actor, ActorKind
from cectrust.work import Work

CODES = 10
METHOD = "recovery_code"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 16, 4
_WRONG = SignInRefused(
    "recovery_code_wrong",
    "この復旧コードは使えません。控えを確かめてください。1 つのコードは 1 回だけ使えます。",
    "This recovery code is not accepted. Each code is good once.",
)


def shown(actor: Actor, work: Work, factors: frozenset[ActorKind]) -> SecondFactor:
    """How this person logs in. ``factors``: kinds of account for which the operator requires a second factor."""
    account = identity.account(work, actor.id)
    return SecondFactor(account.second_factor, account.kind in factors, store.codes_left(work.session, actor.id))


def needs_certificate(account: Account, act: str, factors: frozenset[ActorKind]) -> bool:
    """Whether this act is confirmed by the certificate; otherwise the password is asked for.

    Switching the second factor on always is: who cannot answer with the certificate now could not log in later.
    """
    return account.is_protected(factors) or act == "account.second_factor_on"


def switch_on(actor: Actor, work: Work) -> tuple[SignedIn, list[str]]:
    """From now on the password alone opens nothing; the recovery codes are shown once. Other sessions end.

    Raises:
        StepUpNeeded: not confirmed with the certificate. Conflict: it is on already.
    """
    require(actor, "account.second_factor_on", Subject(account_id=actor.id))
    if identity.account(work, actor.id).second_factor:
        raise Conflict("second_factor_is_on", "すでに有効です。", "It is on already.")
    require_step_up(actor, work, "account.second_factor_on")
    identity.set_second_factor(work, actor.id, on=True)
    codes = _new_codes(work, actor.id)
    sessions.record(work, actor, "account.second_factor_on")
    return sessions.replace_all(work, actor.id, "second_factor_on"), codes


def switch_off(actor: Actor, work: Work, factors: frozenset[ActorKind]) -> SignedIn:
    """From now on the password is enough; the recovery codes are void. Other sessions end.

    Raises:
        StepUpNeeded: not confirmed. Conflict: the operator requires it.
    """
    require(actor, "account.second_factor_off", Subject(account_id=actor.id))
    if identity.account(work, actor.id).kind in factors:
        raise Conflict(
            "second_factor_required",
            "この ID では、電子証明書によるログインを止められません。",
            "The operator requires the certificate for this kind of ID.",
        )
    require_step_up(actor, work, "account.second_factor_off")
    _switch_off(work, actor.id)
    sessions.record(work, actor, "account.second_factor_off")
    return sessions.replace_all(work, actor.id, "second_factor_off")


def make_codes(actor: Actor, work: Work) -> list[str]:
    """New recovery codes; those before are void. Raises ``StepUpNeeded``."""
    require(actor, "account.recovery_codes_made", Subject(account_id=actor.id))
    require_step_up(actor, work, "account.recovery_codes_made")
    sessions.record(work, actor, "account.recovery_codes_made")
    return _new_codes(work, actor.id)


def recover(actor: Actor, work: Work, text: str) -> SignedIn | SignInRefused:
    """Open the half-open session with a recovery code. Wrong ones count, and soon have to wait."""
    return _refusal(actor, work, text) or sessions.complete(actor, work, METHOD)


def confirm(actor: Actor, work: Work, confirmation_id: str, text: str) -> SignedIn | SignInRefused:
    """Confirm a dangerous act with a recovery code."""
    step_up.asked(actor, work, confirmation_id)
    return _refusal(actor, work, text) or step_up.confirm(actor, work, confirmation_id, METHOD)


def reset(actor: Actor, work: Work, login_id: str) -> Account:
    """Switch it off for somebody who lost token and codes; his sessions end.

    Raises:
        Forbidden: only an administrator on the server itself. NotFound: no such ID.
    """
    require(actor, "account.second_factor_reset")
    account = identity.account_by_login(work, login_id)
    _switch_off(work, account.id)
    identity.end_sessions(work, account.id, "second_factor_reset")
    _record(work, actor, account, "account.second_factor_reset")
    return account


def issue_codes(actor: Actor, work: Work, login_id: str) -> list[str]:
    """Recovery codes for somebody who is required to have a second factor and has no computer registered yet."""
    require(actor, "account.recovery_codes_issued")
    account = identity.account_by_login(work, login_id)
    _record(work, actor, account, "account.recovery_codes_issued")
    return _new_codes(work, account.id)


def _refusal(actor: Actor, work: Work, text: str) -> SignInRefused | None:
    name = f"recovery code of {actor.id}"
    waits = sign_in.waiting(work, name)
    if waits:
        return waits
    if store.use_code(work.session, actor.id, _digest(actor.id, _read(text)), work.clock.now()):
        sign_in.clear_failures(work, name)
        sessions.record(work, actor, "account.recovery_code_used")
        return None
    return sign_in.count_failure(work, name, identity.account(work, actor.id), _WRONG)


def _switch_off(work: Work, account_id: str) -> None:
    identity.set_second_factor(work, account_id, on=False)
    store.replace_codes(work.session, account_id, (), work.clock.now())


def _new_codes(work: Work, account_id: str) -> list[str]:
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(CODES)]
    store.replace_codes(work.session, account_id, [_digest(account_id, code) for code in codes], work.clock.now())
    return ["-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)) for code in codes]


def _read(text: str) -> str:
    """As people type what they read: any width and case, with or without dashes; O for 0, I and L for 1."""
    plain = unicodedata.normalize("NFKC", text[:200]).upper().translate(str.maketrans("OIL", "011"))
    return "".join(letter for letter in plain if letter in _ALPHABET)


def _digest(account_id: str, code: str) -> str:
    return sessions.digest(f"cectrust recovery code {account_id} {code}")


def _record(work: Work, actor: Actor, account: Account, act: str) -> None:
    companies = (account.company_id,) if account.company_id else ()
    work.journal.record(work.session, actor, Act(act, account.id, companies))
