"""The core's one ``MetaData`` and the column types that mean the same on both engines."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String
from sqlalchemy.sql.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key(name: str = "id", *items: SchemaItem, **options: Any) -> Column[str]:
    """A UUIDv7 column: 32 hexadecimal digits."""
    return Column(name, String(32), *items, **options)


def instant(name: str, *, nullable: bool = False) -> Column[int]:
    """Microseconds since 1970 in UTC."""
    return Column(name, BigInteger, nullable=nullable)


def digest(name: str, *, nullable: bool = False) -> Column[str]:
    """SHA-256 as 64 hexadecimal digits."""
    return Column(name, String(64), nullable=nullable)
