"""Bindings of certificates to user IDs."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table, Text, UniqueConstraint

from cectrust.database.metadata import digest, instant, key, metadata

bindings = Table(
    "certificate_bindings",
    metadata,
    key(primary_key=True),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=False, index=True),
    Column("kind", String(64), nullable=False),
    digest("issuer_sha256"),
    Column("serial", String(64), nullable=False),
    digest("key_sha256"),
    digest("certificate_sha256"),
    Column("certificate", LargeBinary, nullable=False),
    Column("holder", Text, nullable=False),
    instant("not_before"),
    instant("not_after"),
    instant("bound_at"),
    instant("removed_at", nullable=True),
    UniqueConstraint("issuer_sha256", "serial"),
)
"""A certificate belongs to one user ID for ever: several people share an ID, no person's certificate shares two."""
