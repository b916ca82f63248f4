"""Dangerous acts: done only by a person who proved within five minutes, in this session, that he means this very act.

A service asks ``require_step_up`` as it asks for permission. What is confirmed is a row that the server wrote when the
act was refused: the act, what it is done to, and how that is called. No page names it.
"""

from __future__ import annotations

from collections.abc import Mapping

from cectrust.clock import new_id
from cectrust.identity import session_store, sessions
from cectrust.identity.model import CONFIRMED, Confirmation, SignedIn
from cectrust.sdk.errors import Forbidden, NotFound
from cectrust.sdk.protocols import Actor, ActorKind, Instant
from cectrust.work import Work

DANGEROUS: Mapping[str, tuple[str, str]] = {
    "bridge.code_made": ("署名に使うパソコンの登録コードを作る", "Make a code that registers a computer"),
    "bridge.removed": ("署名に使うパソコンの登録を解除する", "Remove a computer"),
    "contract.consent_given": ("電磁的措置を承諾する", "Consent to electronic means"),
    "contract.consent_withdrawn": ("電磁的措置の承諾を撤回する", "Withdraw the consent to electronic means"),
    "certificate.unbound": ("電子証明書の登録を解除する", "Remove a certificate"),
    "account.password_changed": ("パスワードを変更する", "Change the password"),
    "account.second_factor_on": ("ログインに電子証明書を使うようにする", "Sign in with the certificate"),
    "account.second_factor_off": (
        "ログインに電子証明書を使わないようにする",
        "Sign in without the certificate",
    ),
    "account.recovery_codes_made": ("復旧コードを作り直す", "Make new recovery codes"),
}
"""By the journal's name of the act: what the person reads who is to confirm it."""
MAX_ABOUT = 100


class StepUpNeeded(Forbidden):
    """The act is dangerous and was not confirmed. The edge asks the person and then goes on with what he began."""

    def __init__(self, act: str, subject: str, about: str) -> None:
        super().__init__(
            "step_up_needed",
            "この操作の前に、ご本人であることをもう一度確認します。",
            "Before this, please prove again that it is you.",
            detail=act,
        )
        self.act, self.subject, self.about = act, subject, about


def require_step_up(actor: Actor, work: Work, act: str, subject: str = "", about: str = "") -> None:
    """Refuse the act unless its person confirmed it. ``about`` names the subject to him (no control characters).

    Raises:
        StepUpNeeded: not confirmed within five minutes in this session.
    """
    if act not in DANGEROUS:
        raise ValueError(f"{act} is not in the list of dangerous acts")
    if actor.kind is ActorKind.SYSTEM:
        return
    since = Instant(work.clock.now() - CONFIRMED)
    if not actor.session or not session_store.is_confirmed(work.session, actor.session, act, subject, since):
        raise StepUpNeeded(act, subject, about[:MAX_ABOUT])


def ask(actor: Actor, work: Work, needed: StepUpNeeded) -> Confirmation:
    """Write down what is to be confirmed in this session."""
    asked = Confirmation(new_id(work.clock), actor.id, needed.act, needed.subject, needed.about, None)
    session_store.insert_confirmation(work.session, actor.session, asked, work.clock.now())
    return asked


def asked(actor: Actor, work: Work, confirmation_id: str) -> Confirmation:
    """What this person was asked in this session. Raises ``NotFound``."""
    found = session_store.confirmation_of(work.session, actor.session, confirmation_id)
    if found is None or found.account_id != actor.id:
        raise NotFound("確認", "confirmation")
    return found


def confirm(actor: Actor, work: Work, confirmation_id: str, method: str) -> SignedIn:
    """The person proved himself for this act: it is confirmed, and the session gets a new id.

    Raises:
        NotFound: nothing was asked under this id in this session. NotSignedIn: the session ended meanwhile.
    """
    found = asked(actor, work, confirmation_id)
    session_store.confirm(work.session, found.id, work.clock.now())
    detail = {"act": found.act, "subject": found.subject, "method": method}
    sessions.record(work, actor, "account.step_up", detail)
    return sessions.renew(actor, work)


def sentence(confirmation: Confirmation) -> str:
    """The act as the bridge's window names it: Japanese, English, at most 200 characters."""
    ja, en = DANGEROUS[confirmation.act]
    about = f"：{confirmation.about}" if confirmation.about else ""
    return f"{ja}{about}／{en}"
