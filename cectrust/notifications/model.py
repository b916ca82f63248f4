"""Which act is told to whom, and when a delivery is tried again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cectrust.journal.model import RecordedAct
from cectrust.sdk.protocols import Instant, Message

MINUTE = 60 * 1_000_000
FIRST_WAIT = MINUTE
LONGEST_WAIT = 6 * 60 * MINUTE
ATTEMPTS = 20
"""Some three and a half days; RFC 5321, 4.5.4.1 asks for four to five with a queue of its own behind."""
LEASE = 15 * MINUTE
"""How long a worker has for the batch it took; after that another one takes it over."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up; a person has to look at it."""


class Audience(StrEnum):
    """Who is told."""

    SENDER = "sender"
    RECIPIENTS = "recipients"
    EVERYBODY = "everybody"
    ASKER = "asker"
    """The user who set it going: asked a partner for consent, gave a signature."""
    ACCOUNT = "account"
    """The person whose ID was acted on, whoever did it, and nobody else."""


@dataclass(frozen=True)
class Rule:
    """One act: the template in ``templates/mail`` that tells of it, who is told, and the page it leads to."""

    template: str
    audience: Audience
    page: str
    """Path with ``{subject}`` and ``{consent_id}``."""


_CONTRACT, _CONSENT = "/contracts/{subject}", "/consents/{consent_id}"
_COMPUTERS, _LOG_IN = "/bridges", "/account/second-factor"

RULES: Mapping[str, Rule] = {
    "contract.consent_requested": Rule("consent_requested.txt", Audience.RECIPIENTS, _CONSENT),
    "contract.consent_given": Rule("consent_given.txt", Audience.ASKER, _CONSENT),
    "contract.consent_refused": Rule("consent_refused.txt", Audience.ASKER, _CONSENT),
    "contract.consent_withdrawn": Rule("consent_withdrawn.txt", Audience.ASKER, _CONSENT),
    "contract.signature_failed": Rule("signature_failed.txt", Audience.ASKER, _CONTRACT),
    "contract.sent": Rule("contract_sent.txt", Audience.RECIPIENTS, _CONTRACT),
    "contract.sent_back": Rule("contract_sent_back.txt", Audience.SENDER, _CONTRACT),
    "contract.recalled": Rule("contract_recalled.txt", Audience.RECIPIENTS, _CONTRACT),
    "contract.returned": Rule("contract_returned.txt", Audience.SENDER, _CONTRACT),
    "contract.concluded": Rule("contract_concluded.txt", Audience.EVERYBODY, _CONTRACT),
    "bridge.paired": Rule("computer_registered.txt", Audience.ACCOUNT, _COMPUTERS),
    "bridge.registered": Rule("computer_registered.txt", Audience.ACCOUNT, _COMPUTERS),
    "certificate.unbound": Rule("certificate_unbound.txt", Audience.ACCOUNT, _LOG_IN),
    "account.second_factor_on": Rule("second_factor_on.txt", Audience.ACCOUNT, _LOG_IN),
    "account.second_factor_off": Rule("second_factor_off.txt", Audience.ACCOUNT, _LOG_IN),
    "account.second_factor_reset": Rule("second_factor_reset.txt", Audience.ACCOUNT, _LOG_IN),
    "account.recovery_codes_made": Rule("recovery_codes_made.txt", Audience.ACCOUNT, _LOG_IN),
    "account.recovery_codes_issued": Rule("recovery_codes_made.txt", Audience.ACCOUNT, _LOG_IN),
    "account.recovery_code_used": Rule("recovery_code_used.txt", Audience.ACCOUNT, _LOG_IN),
    "account.password_changed": Rule("password_changed.txt", Audience.ACCOUNT, _LOG_IN),
    "account.password_reset": Rule("password_reset.txt", Audience.ACCOUNT, _LOG_IN),
    "account.deactivated": Rule("account_deactivated.txt", Audience.ACCOUNT, "/sign-in"),
    "account.activated": Rule("account_activated.txt", Audience.ACCOUNT, "/sign-in"),
}
"""``contract.signed`` is the sender's own act on a contract nobody else may see yet: nobody is told."""


@dataclass(frozen=True)
class Desk:
    """Whom an act names: one account, or a whole company where the contract names no account."""

    account_id: str | None
    company_id: str


def addressed(act: RecordedAct, audience: Audience) -> tuple[Desk, ...]:
    """The desks that ``act`` is told to, read from the facts that travel in its detail."""
    detail = act.detail
    if audience is Audience.ASKER:
        return (Desk(str(detail["asked_by"]), ""),)
    if audience is Audience.ACCOUNT:
        return (Desk(act.subject, ""),)
    named = {
        Audience.SENDER: [detail["sender"]] if "sender" in detail else [],
        Audience.RECIPIENTS: detail.get("recipients", []),
    }
    both = [*named[Audience.SENDER], *named[Audience.RECIPIENTS]]
    return tuple(_desk(party) for party in (both if audience is Audience.EVERYBODY else named[audience]))


def _desk(party: Mapping[str, Any]) -> Desk:
    return Desk(party.get("account_id") or None, str(party["company_id"]))


@dataclass(frozen=True)
class Letterhead:
    """What every mail says about the service; all of it from the settings."""

    base_url: str
    operator: str
    help_desk: str
    help_desk_mail: str


@dataclass(frozen=True)
class Notification:
    """One message about one act to one person by one notifier, and how its delivery stands."""

    id: str
    act_id: str
    subject_id: str
    notifier: str
    account_id: str
    message: Message
    state: DeliveryState
    attempts: int
    due_at: Instant
    failure: str


def message_id(act_id: str, account_id: str, host: str) -> str:
    """The same for every attempt and every worker: whoever got the message twice can tell."""
    return f"{act_id}.{account_id}@{host.replace(':', '-')}"


def next_due(now: Instant, attempts: int) -> Instant:
    """When to try again after ``attempts`` failures: twice as late each time."""
    return Instant(now + min(FIRST_WAIT << min(attempts - 1, 20), LONGEST_WAIT))
