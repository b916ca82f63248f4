"""The only SQL of identity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Row, Select, Table, case, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from cectrust.identity.model import Account, Company
from cectrust.identity.tables import account_roles, accounts, companies, number_series, sign_in_failures
from cectrust.sdk.protocols import ActorKind, Instant


def next_number(session: Session, series: str) -> int:
    """The series' next number, starting at 1; never given twice, a gap is possible."""
    session.execute(_insert_new(session)(number_series).values(name=series, last=0).on_conflict_do_nothing())
    taken = update(number_series).where(number_series.c.name == series).values(last=number_series.c.last + 1)
    return int(session.execute(taken.returning(number_series.c.last)).scalar_one())


def _insert_new(session: Session) -> Callable[[Table], PostgresqlInsert | SqliteInsert]:
    """``INSERT … ON CONFLICT`` of this engine."""
    return postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert


def insert_company(session: Session, company: Company, search_key: str, at: Instant) -> None:
    session.execute(
        insert(companies).values(
            id=company.id,
            number=company.number,
            name=company.name,
            search_key=search_key,
            corporate_number=company.corporate_number,
            active=company.active,
            created_at=at,
        )
    )


def company_of(session: Session, company_id: str) -> Company | None:
    return next(iter(companies_of(session, [company_id])), None)


def companies_of(session: Session, company_ids: Iterable[str]) -> list[Company]:
    return _companies(session, select(companies).where(companies.c.id.in_(list(company_ids))))


def active_companies(
    session: Session, *, but: str, key_part: str, first: Sequence[str], limit: int
) -> tuple[list[Company], int]:
    """Active companies other than ``but`` whose search key contains ``key_part``, and how many there are.

    Those of ``first`` come first, then by search key.
    """
    wanted = (companies.c.active, companies.c.id != but, companies.c.search_key.contains(key_part, autoescape=True))
    order = (companies.c.id.not_in(first), companies.c.search_key, companies.c.id)
    found = _companies(session, select(companies).where(*wanted).order_by(*order).limit(limit))
    if len(found) < limit:
        return found, len(found)
    return found, int(session.scalar(select(func.count()).select_from(companies).where(*wanted)) or 0)


def _companies(session: Session, query: Select[Any]) -> list[Company]:
    rows = session.execute(query)
    return [Company(row.id, row.number, row.name, row.corporate_number, row.active) for row in rows]


def insert_account(session: Session, account: Account, password_hash: str, at: Instant) -> None:
    session.execute(
        insert(accounts).values(
            id=account.id,
            login_id=account.login_id,
            kind=account.kind.value,
            company_id=account.company_id,
            department=account.department,
            person=account.person,
            mail=account.mail,
            password_hash=password_hash,
            must_change_password=account.must_change_password,
            second_factor=account.second_factor,
            active=account.active,
            created_at=at,
        )
    )
    for role in sorted(account.roles):
        session.execute(insert(account_roles).values(account_id=account.id, role=role, granted_at=at))


def account_by_login(session: Session, login_id: str) -> tuple[Account, str] | None:
    """The account and its password hash."""
    row = session.execute(select(accounts).where(accounts.c.login_id == login_id)).first()
    return (_account(session, row), row.password_hash) if row else None


def accounts_of(session: Session, account_ids: Iterable[str]) -> list[Account]:
    return _accounts(session, select(accounts).where(accounts.c.id.in_(list(account_ids))))


def active_users(session: Session, company_id: str) -> list[Account]:
    """User IDs of a company that can do contract work, by department and login ID."""
    query = select(accounts).where(
        accounts.c.company_id == company_id, accounts.c.kind == ActorKind.USER.value, accounts.c.active
    )
    return _accounts(session, query.order_by(accounts.c.department, accounts.c.login_id))


def password_hash_of(session: Session, account_id: str) -> str | None:
    return session.scalar(select(accounts.c.password_hash).where(accounts.c.id == account_id))


def set_password(session: Session, account_id: str, password_hash: str, *, must_change: bool) -> None:
    changed = update(accounts).where(accounts.c.id == account_id)
    session.execute(changed.values(password_hash=password_hash, must_change_password=must_change))


def set_active(session: Session, account_id: str, *, active: bool) -> bool:
    """``False`` if it was so already."""
    changed = update(accounts).where(accounts.c.id == account_id, accounts.c.active != active)
    return bool(session.execute(changed.values(active=active)).rowcount)  # type: ignore[attr-defined]


def set_second_factor(session: Session, account_id: str, *, on: bool) -> None:
    session.execute(update(accounts).where(accounts.c.id == account_id).values(second_factor=on))


def _accounts(session: Session, query: Select[Any]) -> list[Account]:
    return [_account(session, row) for row in session.execute(query).all()]


def _account(session: Session, row: Row[Any]) -> Account:
    roles = session.scalars(select(account_roles.c.role).where(account_roles.c.account_id == row.id))
    return Account(
        id=row.id,
        login_id=row.login_id,
        kind=ActorKind(row.kind),
        company_id=row.company_id,
        department=row.department,
        person=row.person,
        mail=row.mail,
        must_change_password=row.must_change_password,
        active=row.active,
        second_factor=row.second_factor,
        roles=frozenset(roles),
    )


def hold_failures(session: Session, login_hash: str, at: Instant) -> Instant:
    """Until when attempts wait. The row is this transaction's: attempts at the same time come one after the other."""
    new = _insert_new(session)(sign_in_failures).values(login_hash=login_hash, failures=0, last_at=at, locked_until=0)
    held = new.on_conflict_do_update(
        index_elements=[sign_in_failures.c.login_hash], set_={"failures": sign_in_failures.c.failures}
    )
    return Instant(session.execute(held.returning(sign_in_failures.c.locked_until)).scalar_one())


def add_failure(session: Session, login_hash: str, at: Instant, forgotten: Instant) -> int:
    """One more failure in a row; the first, if the last one was before ``forgotten``. Returns how many there are."""
    new = _insert_new(session)(sign_in_failures).values(login_hash=login_hash, failures=1, last_at=at, locked_until=0)
    more = case((sign_in_failures.c.last_at > forgotten, sign_in_failures.c.failures + 1), else_=1)
    counted = new.on_conflict_do_update(
        index_elements=[sign_in_failures.c.login_hash], set_={"failures": more, "last_at": at}
    )
    return int(session.execute(counted.returning(sign_in_failures.c.failures)).scalar_one())


def lock_until(session: Session, login_hash: str, until: Instant) -> None:
    found = update(sign_in_failures).where(sign_in_failures.c.login_hash == login_hash)
    session.execute(found.values(locked_until=until))


def clear_failures(session: Session, login_hash: str) -> None:
    session.execute(delete(sign_in_failures).where(sign_in_failures.c.login_hash == login_hash))


def forget_failures(session: Session, before: Instant) -> None:
    session.execute(delete(sign_in_failures).where(sign_in_failures.c.last_at < before))
