"""Challenges for certificates, and recovery codes for those who lost theirs."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text

from cectrust.database.metadata import digest, instant, key, metadata

challenges = Table(
    "authentication_challenges",
    metadata,
    key(primary_key=True),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=False),
    digest("session"),
    Column("purpose", String(16), nullable=False),
    key("confirmation_id", nullable=True),
    Column("act", Text),
    Column("nonce", String(64), nullable=False),
    key("connection_id", ForeignKey("signing_connections.id"), nullable=False),
    Column("bridge_id", String(64), nullable=False),
    Column("origin", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    digest("certificate_sha256"),
    Column("mechanism", String(32), nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
)

recovery_codes = Table(
    "authentication_recovery_codes",
    metadata,
    key("account_id", ForeignKey("identity_accounts.id"), primary_key=True),
    Column("code_sha256", String(64), primary_key=True),
    instant("made_at"),
    instant("used_at", nullable=True),
)
"""80 random bits each, so that a digest is as good as a secret: nobody finds the code to it."""
