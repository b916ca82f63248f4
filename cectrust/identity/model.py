"""Companies, accounts, sessions and the rules about time and passwords."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from cectrust.sdk.errors import InputRefused
from cectrust.sdk.protocols import Actor, ActorKind, Instant

SECOND = 1_000_000
IDLE = 30 * 60 * SECOND
"""A session unused for this long has ended."""
ABSOLUTE = 12 * 3600 * SECOND
"""A session this old has ended, however busy."""
HALF_OPEN = 10 * 60 * SECOND
"""How long a person who gave his password has for the second factor."""
CONFIRMED = 5 * 60 * SECOND
"""How long a confirmation of a dangerous act holds, in the one session it was given in."""
SEEN_EVERY = 60 * SECOND
"""How exact ``seen_at`` is: reading a page writes nothing more often than this."""
FREE_FAILURES = 5
"""Wrong passwords in a row before an account makes the next attempt wait."""
FIRST_WAIT = 30 * SECOND
LONGEST_WAIT = 15 * 60 * SECOND
FORGET_FAILURES = 24 * 3600 * SECOND
PASSWORD_LENGTH = range(12, 257)


class Role(StrEnum):
    """What a member of staff is entrusted with."""

    RECEPTIONIST = "receptionist"
    EXAMINER = "examiner"
    APPROVER = "approver"
    DESPATCH = "despatch"
    CA_OFFICER = "ca_officer"
    BILLING = "billing"
    HELP_DESK = "help_desk"
    AUDITOR = "auditor"
    SYSTEM_ADMINISTRATOR = "system_administrator"


@dataclass(frozen=True)
class Company:
    """One 企業ID: a company or one of its departments. It never does contract work itself."""

    id: str
    number: str
    name: str
    """Exactly as entered."""
    corporate_number: str | None
    active: bool


@dataclass(frozen=True)
class NewAccount:
    """What is needed to open an account; ``login_id`` is compared without case."""

    login_id: str
    kind: ActorKind
    company_id: str | None
    department: str
    person: str
    mail: str
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in: a user ID, a company ID or a member of staff."""

    id: str
    login_id: str
    kind: ActorKind
    company_id: str | None
    department: str
    person: str
    mail: str
    must_change_password: bool
    active: bool
    roles: frozenset[str] = frozenset()
    second_factor: bool = False
    """Whether the person switched it on that the password alone does not open a session."""

    def is_protected(self, factors: frozenset[ActorKind]) -> bool:
        """Whether he did, or the operator requires it of all accounts of his kind (``factors``)."""
        return self.second_factor or self.kind in factors

    @property
    def actor(self) -> Actor:
        return Actor(self.kind, self.id, self.company_id, self.department, self.person, self.roles)


@dataclass(frozen=True)
class Mailbox:
    """Where a person gets mail."""

    account_id: str
    person: str
    mail: str


@dataclass(frozen=True)
class OpenedAccount:
    """A new account and its initial password, which is shown once and stored nowhere."""

    account: Account
    initial_password: str = field(repr=False)


@dataclass(frozen=True)
class SignedIn:
    """A session was opened; ``token`` goes into the cookie and is stored only as a hash."""

    account: Account
    token: str = field(repr=False)
    half_open: bool = False
    """The second factor is still to come: nothing else is possible in this session."""


@dataclass(frozen=True)
class SignInRefused:
    """Not signed in. A value and not an error: the failure just counted must survive the transaction."""

    code: str
    ja: str
    en: str
    retry_at: Instant | None = None
    field: str = ""
    """The form's field that the sentence belongs beside; empty: above the form."""


@dataclass(frozen=True)
class OpenSession:
    """A session that still runs."""

    account: Account
    token_hash: str
    stale: bool
    """Whether ``seen_at`` is old enough to be worth a write."""
    half_open: bool = False


@dataclass(frozen=True)
class SessionTimes:
    """What the rules about time look at. ``opened_at`` is ``None`` until the second factor was given."""

    created_at: Instant
    seen_at: Instant
    opened_at: Instant | None


@dataclass(frozen=True)
class Confirmation:
    """A dangerous act that a person was asked to confirm, by what it is done to. ``about`` names that to him."""

    id: str
    account_id: str
    act: str
    subject: str
    about: str
    confirmed_at: Instant | None


def session_runs(times: SessionTimes, now: Instant) -> bool:
    """Idle limit and absolute limit both hold; without its second factor a session ends much sooner."""
    limit = HALF_OPEN if times.opened_at is None else ABSOLUTE
    return now - times.seen_at < IDLE and now - times.created_at < limit


def wait_after(failures: int) -> int:
    """Microseconds that the next attempt must wait: none for the first few, then doubling up to a limit."""
    if failures < FREE_FAILURES:
        return 0
    return int(min(FIRST_WAIT * 2 ** min(failures - FREE_FAILURES, 16), LONGEST_WAIT))


def check_new_password(password: str, login_id: str) -> None:
    """Length and distance from the login ID; no composition rules (NIST SP 800-63B-4, 3.1.1.2).

    Raises:
        InputRefused: says what is wrong.
    """
    if len(password) not in PASSWORD_LENGTH:
        raise _refused(
            "password_length", "パスワードは 12 文字以上 256 文字以下にしてください。", "Use 12 to 256 characters."
        )
    if login_id.casefold() in password.casefold():
        raise _refused(
            "password_contains_id",
            "パスワードに ID を含めないでください。",
            "The password must not contain the login ID.",
        )


def _refused(code: str, ja: str, en: str) -> InputRefused:
    return InputRefused(code, ja, en, field="new_password")
