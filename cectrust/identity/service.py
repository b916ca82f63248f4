"""Opening companies and accounts, and looking them up for other rooms.

Signing in and sessions are in ``cectrust.identity.sign_in``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cectrust.clock import new_id
from cectrust.glyphs import refuse_unprintable
from cectrust.identity import names, passwords, session_store, store
from cectrust.identity.model import Account, Company, Mailbox, NewAccount, OpenedAccount
from cectrust.identity.permissions import require
from cectrust.sdk.errors import Conflict, InputRefused, NotFound
from cectrust.sdk.protocols import Act, Actor, ActorKind
from cectrust.work import Work

PARTNERS_SHOWN = 50
_LOGIN_ID = re.compile(r"(?=.*[A-Za-z0-9])[A-Za-z0-9_-]{1,64}")


def create_company(actor: Actor, work: Work, name: str, corporate_number: str = "") -> Company:
    """Open a 企業ID's company under the next company number; the name is kept exactly.

    Raises:
        Forbidden: not a receptionist.
        InputRefused: the name is empty or could not be printed; wrong 法人番号.
    """
    require(actor, "company.created")
    if not name.strip():
        raise InputRefused("name_missing", "名称を入力してください。", "Enter a name.", field="name")
    refuse_unprintable(name, "名称", "name", "name")
    number = names.company_number(store.next_number(work.session, "company"))
    checked = names.corporate_number(corporate_number) if corporate_number else None
    company = Company(new_id(work.clock), number, name, checked, active=True)
    store.insert_company(work.session, company, names.search_key(name), work.clock.now())
    work.journal.record(work.session, actor, Act("company.created", company.id, (company.id,), {"number": number}))
    return company


def create_account(actor: Actor, work: Work, new: NewAccount) -> OpenedAccount:
    """Open an account with an initial password that must be changed at the first sign-in.

    Raises:
        Forbidden: not a receptionist.
        InputRefused: empty, malformed or unprintable fields.
        Conflict: the login ID is taken.
        NotFound: no such company.
    """
    require(actor, "account.created")
    _check(work, new)
    password = passwords.initial_password()
    account = _account(new_id(work.clock), new)
    store.insert_account(work.session, account, passwords.hashed(password), work.clock.now())
    detail = {"login_id": account.login_id, "kind": account.kind.value, "roles": sorted(account.roles)}
    companies = (account.company_id,) if account.company_id else ()
    work.journal.record(work.session, actor, Act("account.created", account.id, companies, detail))
    return OpenedAccount(account, password)


def reset_password(actor: Actor, work: Work, login_id: str) -> OpenedAccount:
    """Give an account a new initial password, as at its opening; every session of it ends.

    Raises:
        Forbidden: only an administrator on the server itself. NotFound: no such login ID.
    """
    require(actor, "account.password_reset")
    found = account_by_login(work, login_id)
    password = passwords.initial_password()
    store.set_password(work.session, found.id, passwords.hashed(password), must_change=True)
    end_sessions(work, found.id, "password_reset")
    companies = (found.company_id,) if found.company_id else ()
    work.journal.record(work.session, actor, Act("account.password_reset", found.id, companies))
    return OpenedAccount(replace(found, must_change_password=True), password)


def deactivate(actor: Actor, work: Work, login_id: str) -> Account:
    """Close an ID: nobody logs in with it, and every session of it ends. What it did stays, and so does its name.

    Raises:
        Forbidden: only an administrator. NotFound: no such login ID. Conflict: closed already.
    """
    return _set_active(actor, work, login_id, active=False)


def activate(actor: Actor, work: Work, login_id: str) -> Account:
    """Open a closed ID again, with the password and the certificates that it had.

    Raises:
        Forbidden: only an administrator. NotFound: no such login ID. Conflict: it is open.
    """
    return _set_active(actor, work, login_id, active=True)


def _set_active(actor: Actor, work: Work, login_id: str, *, active: bool) -> Account:
    """Sessions end either way: one that began while the ID was being closed must not come back to life."""
    act = "activated" if active else "deactivated"
    require(actor, f"account.{act}")
    found = account_by_login(work, login_id)
    if not store.set_active(work.session, found.id, active=active):
        raise _open_already() if active else _closed_already()
    end_sessions(work, found.id, act)
    companies = (found.company_id,) if found.company_id else ()
    work.journal.record(work.session, actor, Act(f"account.{act}", found.id, companies, {"login_id": found.login_id}))
    return replace(found, active=active)


def _closed_already() -> Conflict:
    return Conflict("account_closed", "この ID は、すでに利用を停止しています。", "This ID is closed already.")


def _open_already() -> Conflict:
    return Conflict("account_open", "この ID は、利用を停止していません。", "This ID is not closed.")


def end_sessions(work: Work, account_id: str, reason: str) -> None:
    """Whoever is signed in with this account no longer is."""
    session_store.end_sessions_of(work.session, account_id, work.clock.now(), reason)


def set_second_factor(work: Work, account_id: str, *, on: bool) -> None:
    """Whether a password alone opens a session of this account: ``cectrust.authentication`` decides and records."""
    store.set_second_factor(work.session, account_id, on=on)


def company(work: Work, company_id: str) -> Company:
    """Raises ``NotFound``."""
    found = store.company_of(work.session, company_id)
    if found is None:
        raise NotFound("企業", "company")
    return found


def companies(work: Work, company_ids: Iterable[str]) -> dict[str, Company]:
    """Companies by id; unknown ids are left out."""
    return {found.id: found for found in store.companies_of(work.session, company_ids)}


def account(work: Work, account_id: str) -> Account:
    """Raises ``NotFound``."""
    found = accounts(work, [account_id]).get(account_id)
    if found is None:
        raise NotFound("ID", "account")
    return found


def accounts(work: Work, account_ids: Iterable[str]) -> dict[str, Account]:
    """Accounts by id; unknown ids are left out."""
    return {found.id: found for found in store.accounts_of(work.session, account_ids)}


def account_by_login(work: Work, login_id: str) -> Account:
    """The account of any kind with that name. Raises ``NotFound``."""
    found = store.account_by_login(work.session, login_id.strip().casefold())
    if found is None:
        raise NotFound("ID", "account")
    return found[0]


def active_by_login(work: Work, login_id: str) -> Account:
    """The same, unless it was closed. Raises ``NotFound``."""
    found = account_by_login(work, login_id)
    if not found.active:
        raise NotFound("ID", "account")
    return found


def users_of(work: Work, company_id: str) -> list[Account]:
    """The active user IDs of a company, by department."""
    return store.active_users(work.session, company_id)


def partner_companies(
    actor: Actor, work: Work, search: str = "", first: Sequence[str] = ()
) -> tuple[list[Company], int]:
    """Other active companies whose name contains ``search`` however it is written, and how many there are.

    At most ``PARTNERS_SHOWN``, those of ``first`` (ids) before the others.
    """
    require(actor, "partner.view")
    key_part, but = names.search_key(search), actor.company_id or ""
    return store.active_companies(work.session, but=but, key_part=key_part, first=first, limit=PARTNERS_SHOWN)


def mail_addresses(work: Work, account_ids: Iterable[str], *, closed: bool = False) -> list[Mailbox]:
    """Where the active ones of these accounts get mail, and the ``closed`` ones, too, if that is asked for."""
    found = store.accounts_of(work.session, account_ids)
    return [Mailbox(each.id, each.person, each.mail) for each in found if each.active or closed]


def _account(account_id: str, new: NewAccount) -> Account:
    return Account(
        id=account_id,
        login_id=new.login_id.casefold(),
        kind=new.kind,
        company_id=new.company_id,
        department=new.department,
        person=new.person,
        mail=new.mail,
        must_change_password=True,
        active=True,
        roles=frozenset(role.value for role in new.roles),
    )


def _check(work: Work, new: NewAccount) -> None:
    if not _LOGIN_ID.fullmatch(new.login_id):
        raise InputRefused(
            "login_id_malformed",
            "ID は半角の英数字と - _ で、64 文字以内で入力してください。",
            "A login ID has at most 64 letters and digits of ASCII, - and _.",
            field="login_id",
        )
    if not new.person.strip() or new.mail.count("@") != 1 or not new.mail.isprintable() or " " in new.mail:
        raise InputRefused("account_incomplete", "氏名とメールアドレスを入力してください。", "Name or mail missing.")
    refuse_unprintable(new.person, "氏名", "name", "person")
    refuse_unprintable(new.department, "部署", "department", "department")
    if (new.kind is ActorKind.STAFF) != (new.company_id is None) or (new.roles and new.kind is not ActorKind.STAFF):
        raise InputRefused("account_kind", "ID の種類と企業が合いません。", "Kind and company do not go together.")
    if new.company_id is not None:
        company(work, new.company_id)
    if store.account_by_login(work.session, new.login_id.casefold()):
        raise Conflict("login_id_taken", "この ID はすでに使われています。", "This login ID is taken.")


SYSTEM = Actor(ActorKind.SYSTEM, "system", name="システム")
"""The actor of commands that an administrator runs on the server itself."""
