"""Wide enough for every contract type: 1–n documents with 1–n revisions, 2–10 parties, slots = document × party."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from cectrust.database.metadata import digest, instant, key, metadata

contracts = Table(
    "contracts",
    metadata,
    key(primary_key=True),
    Column("number", String(32), nullable=False, unique=True),
    Column("type", String(32), nullable=False),
    Column("state", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("net", BigInteger),
    Column("tax", BigInteger),
    Column("contract_date", Date),
    Column("reply_by", Date, index=True),
    instant("created_at"),
    instant("changed_at"),
    instant("formed_at", nullable=True),
    instant("concluded_at", nullable=True),
    key("accepting_request_id", nullable=True),
    Column("reason", Text, nullable=False),
    key("sent_revision_id", nullable=True),
    Index("ix_contracts_state_id", "state", "id"),
)

parties = Table(
    "contract_parties",
    metadata,
    key(primary_key=True),
    key("contract_id", ForeignKey("contracts.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    key("company_id", ForeignKey("identity_companies.id"), nullable=False),
    Column("company_name", Text, nullable=False),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=True, index=True),
    Column("department", Text, nullable=False),
    UniqueConstraint("contract_id", "ordinal"),
    UniqueConstraint("contract_id", "company_id"),
    Index("ix_contract_parties_of_company", "company_id", "contract_id"),
)

documents = Table(
    "contract_documents",
    metadata,
    key(primary_key=True),
    key("contract_id", ForeignKey("contracts.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("name", Text, nullable=False),
    key("owner", ForeignKey("identity_companies.id"), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("warnings", Text, nullable=False),
    instant("replaced_at", nullable=True),
    UniqueConstraint("contract_id", "ordinal"),
)

revisions = Table(
    "contract_revisions",
    metadata,
    key(primary_key=True),
    key("document_id", ForeignKey("contract_documents.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    digest("digest"),
    Column("size", BigInteger, nullable=False),
    instant("created_at"),
    UniqueConstraint("document_id", "ordinal"),
)

slots = Table(
    "contract_slots",
    metadata,
    key(primary_key=True),
    key("document_id", ForeignKey("contract_documents.id"), nullable=False),
    key("party_id", ForeignKey("contract_parties.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("field", String(64), nullable=False),
    instant("signed_at", nullable=True),
    Column("signer", Text, nullable=False),
    Column("certificate_kind", String(64), nullable=False),
    key("revision_id", ForeignKey("contract_revisions.id"), nullable=True),
    UniqueConstraint("document_id", "party_id"),
)

contract_kinds = Table(
    "contract_certificate_kinds",
    metadata,
    key("contract_id", ForeignKey("contracts.id"), primary_key=True),
    Column("kind", String(64), primary_key=True),
)

agreements = Table(
    "certificate_agreements",
    metadata,
    key("company_id", ForeignKey("identity_companies.id"), primary_key=True),
    key("partner_id", ForeignKey("identity_companies.id"), primary_key=True),
    Column("kind", String(64), primary_key=True),
    instant("agreed_at"),
)
"""Kinds agreed between two companies, ``company_id`` < ``partner_id``; what the next contract inherits."""

consents = Table(
    "contract_consents",
    metadata,
    key(primary_key=True),
    key("asking_company_id", ForeignKey("identity_companies.id"), nullable=False, index=True),
    key("partner_company_id", ForeignKey("identity_companies.id"), nullable=False, index=True),
    Column("asking_company_name", Text, nullable=False),
    Column("partner_company_name", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("format", Text, nullable=False),
    instant("asked_at"),
    key("asked_by", ForeignKey("identity_accounts.id"), nullable=False),
    instant("given_at", nullable=True),
    Column("given_by", Text, nullable=False),
    instant("refused_at", nullable=True),
    instant("withdrawn_at", nullable=True),
)
_OPEN = consents.c.given_at.is_(None) & consents.c.refused_at.is_(None) & consents.c.withdrawn_at.is_(None)
Index(
    "uq_contract_consents_open",
    consents.c.asking_company_id,
    consents.c.partner_company_id,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

form_tokens = Table(
    "contract_form_tokens",
    metadata,
    key("account_id", ForeignKey("identity_accounts.id"), primary_key=True),
    key("token", primary_key=True),
    key("contract_id", ForeignKey("contracts.id", deferrable=True, initially="DEFERRED"), nullable=False),
    digest("content"),
    instant("used_at"),
)
"""Forms that registered a contract. A form is used before its contract is inserted, so that others wait for it."""

numbers = Table(
    "contract_numbers",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)
