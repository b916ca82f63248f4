"""Enrolments: who is getting a certificate onto which token, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from cectrust.sdk.errors import NotFound
from cectrust_cecsign.instants import to_datetime, to_instant
from cectrust_cecsign.model import EnrolmentState, KeyKind, Person, TokenIdentity
from cectrust_cecsign.tables import enrolment

FINISHED = (EnrolmentState.DELIVERED.value, EnrolmentState.ABANDONED.value)


@dataclass(frozen=True)
class Order:
    """What was approved: the person, the kind of key, the years, and when the application was accepted."""

    person: Person
    key_kind: KeyKind
    years: int
    accepted_at: datetime
    applicant_number: str | None = None


@dataclass(frozen=True)
class Enrolment:
    """One enrolment. ``key_id`` is the CKA_ID on the token, ``serial`` the certificate once it is intended."""

    id: int
    applicant_number: str
    order: Order
    key_id: bytes
    token: TokenIdentity
    state: EnrolmentState
    serial: str | None


def add(session: Session, order: Order, number: str, key_id: bytes, token: TokenIdentity, begun_at: datetime) -> int:
    """Insert a new enrolment in state ``begun``; returns its id."""
    inserted = session.scalars(
        enrolment.insert()
        .values(
            applicant_number=number,
            legal_name=order.person.legal_name,
            romanised=order.person.romanised,
            organisation=order.person.organisation,
            unit=order.person.unit,
            key_kind=order.key_kind.value,
            years=order.years,
            key_id=key_id.hex(),
            token_model=token.model,
            token_serial=token.serial,
            accepted_at=to_instant(order.accepted_at),
            state=EnrolmentState.BEGUN.value,
            begun_at=to_instant(begun_at),
        )
        .returning(enrolment.c.id)
    )
    return int(inserted.one())


def set_applicant_number(session: Session, enrolment_id: int, number: str) -> None:
    """Give the applicant his number, which is made from the enrolment's id."""
    session.execute(update(enrolment).where(enrolment.c.id == enrolment_id).values(applicant_number=number))


def get(session: Session, enrolment_id: int) -> Enrolment:
    """The enrolment with this id, locked until the transaction ends; raises `NotFound`."""
    statement = select(enrolment).where(enrolment.c.id == enrolment_id).with_for_update()
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("発行手続き", "enrolment", str(enrolment_id))
    return _enrolment(row)


def unfinished_on(session: Session, token: TokenIdentity) -> Enrolment | None:
    """The enrolment on this token that was begun and neither delivered nor abandoned."""
    row = session.execute(
        select(enrolment)
        .where(enrolment.c.token_model == token.model, enrolment.c.token_serial == token.serial)
        .where(enrolment.c.state.not_in(FINISHED))
    ).one_or_none()
    return None if row is None else _enrolment(row)


def everyone(session: Session) -> list[Enrolment]:
    """All enrolments, oldest first."""
    return [_enrolment(row) for row in session.execute(select(enrolment).order_by(enrolment.c.id))]


def advance(session: Session, enrolment_id: int, state: EnrolmentState, serial: str) -> None:
    """Record that a step was done."""
    statement = update(enrolment).where(enrolment.c.id == enrolment_id)
    session.execute(statement.values(state=state.value, serial=serial))


def deliver(session: Session, enrolment_id: int, delivered_at: datetime) -> None:
    """Record that the certificate was read back from the token and its key answered."""
    statement = update(enrolment).where(enrolment.c.id == enrolment_id)
    session.execute(statement.values(state=EnrolmentState.DELIVERED.value, delivered_at=to_instant(delivered_at)))


def abandon(session: Session, enrolment_id: int) -> None:
    """Record that the enrolment will not be finished."""
    statement = update(enrolment).where(enrolment.c.id == enrolment_id)
    session.execute(statement.values(state=EnrolmentState.ABANDONED.value))


def _enrolment(row: Row[Any]) -> Enrolment:
    person = Person(row.legal_name, row.romanised, row.organisation, row.unit)
    order = Order(person, KeyKind(row.key_kind), row.years, to_datetime(row.accepted_at), row.applicant_number)
    return Enrolment(
        id=row.id,
        applicant_number=row.applicant_number,
        order=order,
        key_id=bytes.fromhex(row.key_id),
        token=TokenIdentity(row.token_model, row.token_serial),
        state=EnrolmentState(row.state),
        serial=row.serial,
    )
