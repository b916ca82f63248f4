"""People of the tests: awkward names that real registers hold."""

from __future__ import annotations

from datetime import UTC, datetime

from cectrust_cecsign.model import KeyKind, Person
from cectrust_cecsign.store.enrolments import Order

TAKASAKI = Person(
    legal_name="髙﨑　𠮷郎",
    romanised="Takasaki Yoshiro",
    organisation="株式会社山田太郎建設工業北海道東北支店営業第一部",
)


def order(kind: KeyKind = KeyKind.RSA2048, person: Person = TAKASAKI, **changes: object) -> Order:
    values: dict[str, object] = {"years": 2, "accepted_at": datetime.now(UTC)} | changes
    return Order(person=person, key_kind=kind, **values)  # type: ignore[arg-type]
