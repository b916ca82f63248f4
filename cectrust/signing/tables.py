"""Bridges, connections to them, and signing requests."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from cectrust.database.metadata import digest, instant, key, metadata

codes = Table(
    "signing_pairing_codes",
    metadata,
    key(primary_key=True),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=False, index=True),
    digest("stored_name"),
    Column("sealed", LargeBinary, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    instant("cancelled_at", nullable=True),
    Column("bridge_id", String(64)),
    UniqueConstraint("stored_name"),
)
"""One-time codes by which bridges are registered; neither a code nor its keys can be computed from its row."""

bridges = Table(
    "signing_bridges",
    metadata,
    Column("bridge_id", String(64), primary_key=True),
    key("account_id", ForeignKey("identity_accounts.id"), primary_key=True),
    Column("jwk", Text, nullable=False),
    key("registration", nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("system", Text, nullable=False),
    key("code_id", ForeignKey("signing_pairing_codes.id"), nullable=True),
    instant("registered_at"),
    instant("last_used_at", nullable=True),
    instant("removed_at", nullable=True),
)
"""A bridge's identity key, registered for a user ID; a shared computer's bridge may serve several."""

connections = Table(
    "signing_connections",
    metadata,
    key(primary_key=True),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=False),
    Column("session", String(64)),
    Column("origin", Text, nullable=False),
    Column("challenge", String(64), nullable=False),
    Column("bridge_id", String(64)),
    Column("cn", String(64)),
    instant("created_at"),
    instant("verified_at", nullable=True),
)
"""``session`` is the digest of the one in which the page connected; empty before version 0010."""

batches = Table(
    "signing_batches",
    metadata,
    key(primary_key=True),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=False, index=True),
    key("connection_id", ForeignKey("signing_connections.id"), nullable=True),
    Column("certificate", LargeBinary),
    instant("created_at"),
    instant("expires_at", nullable=True),
)
"""Contracts that one person signs in one go, under one request to his bridge; most often a single one."""

batch_items = Table(
    "signing_batch_items",
    metadata,
    key("batch_id", ForeignKey("signing_batches.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    key("contract_id", ForeignKey("contracts.id"), nullable=False),
    key("request_id", ForeignKey("signing_requests.id"), nullable=True),
    Column("refusal_ja", Text, nullable=False),
    Column("refusal_en", Text, nullable=False),
)

requests = Table(
    "signing_requests",
    metadata,
    key(primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    key("account_id", ForeignKey("identity_accounts.id"), nullable=False, index=True),
    key("contract_id", ForeignKey("contracts.id"), nullable=False, index=True),
    Column("contract_version", Integer, nullable=False),
    key("document_id", ForeignKey("contract_documents.id"), nullable=False),
    key("slot_id", ForeignKey("contract_slots.id"), nullable=False),
    key("binding_id", ForeignKey("certificate_bindings.id"), nullable=False),
    key("batch_id", ForeignKey("signing_batches.id"), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("signer", Text, nullable=False),
    Column("field", String(64), nullable=False),
    Column("mechanism", String(32), nullable=False),
    Column("message_digest", LargeBinary, nullable=False),
    Column("reserved_start", BigInteger, nullable=False),
    Column("reserved_end", BigInteger, nullable=False),
    Column("signed_attributes", LargeBinary, nullable=False),
    digest("prepared_digest"),
    Column("prepared_size", BigInteger, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("ordered_at", nullable=True),
    Column("signature", LargeBinary),
    instant("accepted_at", nullable=True),
    digest("embedded_digest", nullable=True),
    digest("extended_digest", nullable=True),
    digest("final_digest", nullable=True),
    Column("final_size", BigInteger),
    Column("failure_ja", Text, nullable=False),
    Column("failure_en", Text, nullable=False, server_default=""),
)
