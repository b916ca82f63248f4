"""Companies, accounts, roles, sessions and the counters of failed sign-ins."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text

from cectrust.database.metadata import instant, key, metadata

number_series = Table(
    "identity_number_series",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("last", BigInteger, nullable=False),
)

companies = Table(
    "identity_companies",
    metadata,
    key(primary_key=True),
    Column("number", String(16), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("search_key", Text, nullable=False, index=True),
    Column("corporate_number", String(13)),
    Column("active", Boolean, nullable=False),
    instant("created_at"),
)

accounts = Table(
    "identity_accounts",
    metadata,
    key(primary_key=True),
    Column("login_id", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    key("company_id", ForeignKey("identity_companies.id"), nullable=True, index=True),
    Column("department", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("must_change_password", Boolean, nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    instant("created_at"),
    CheckConstraint("(kind = 'staff') = (company_id IS NULL)", name="staff_has_no_company"),
)

account_roles = Table(
    "identity_account_roles",
    metadata,
    key("account_id", ForeignKey("identity_accounts.id"), primary_key=True),
    Column("role", String(32), primary_key=True),
    instant("granted_at"),
)

sessions = Table(
    "identity_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=False, index=True),
    instant("created_at"),
    instant("seen_at"),
    instant("opened_at", nullable=True),
    instant("ended_at", nullable=True),
    Column("end_reason", String(32)),
)

confirmations = Table(
    "identity_confirmations",
    metadata,
    key(primary_key=True),
    Column("session", String(64), nullable=False, index=True),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=False),
    Column("act", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("about", Text, nullable=False),
    instant("asked_at"),
    instant("confirmed_at", nullable=True),
)
"""Dangerous acts that a person was asked to confirm in one session, and when he did."""

sign_in_failures = Table(
    "identity_sign_in_failures",
    metadata,
    Column("login_hash", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    instant("last_at"),
    instant("locked_until"),
)
