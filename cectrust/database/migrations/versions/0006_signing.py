"""The tables of signing"""

import sqlalchemy as sa
from alembic import op

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_connections",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("challenge", sa.String(length=64), nullable=False),
        sa.Column("bridge_id", sa.String(length=64), nullable=True),
        sa.Column("cn", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["identity_accounts.id"], name=op.f("fk_signing_connections_account_id_identity_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_connections")),
    )
    op.create_table(
        "signing_pairing_codes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("stored_name", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.Column("bridge_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["identity_accounts.id"], name=op.f("fk_signing_pairing_codes_account_id_identity_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_pairing_codes")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_signing_pairing_codes_stored_name")),
    )
    op.create_index(op.f("ix_signing_pairing_codes_account_id"), "signing_pairing_codes", ["account_id"], unique=False)
    op.create_table(
        "signing_batches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("connection_id", sa.String(length=32), nullable=True),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["identity_accounts.id"], name=op.f("fk_signing_batches_account_id_identity_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["signing_connections.id"],
            name=op.f("fk_signing_batches_connection_id_signing_connections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_batches")),
    )
    op.create_index(op.f("ix_signing_batches_account_id"), "signing_batches", ["account_id"], unique=False)
    op.create_table(
        "signing_bridges",
        sa.Column("bridge_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("jwk", sa.Text(), nullable=False),
        sa.Column("registration", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("code_id", sa.String(length=32), nullable=True),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["identity_accounts.id"], name=op.f("fk_signing_bridges_account_id_identity_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["signing_pairing_codes.id"], name=op.f("fk_signing_bridges_code_id_signing_pairing_codes")
        ),
        sa.PrimaryKeyConstraint("bridge_id", "account_id", name=op.f("pk_signing_bridges")),
        sa.UniqueConstraint("registration", name=op.f("uq_signing_bridges_registration")),
    )
    op.create_table(
        "signing_requests",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("contract_version", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("slot_id", sa.String(length=32), nullable=False),
        sa.Column("binding_id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("mechanism", sa.String(length=32), nullable=False),
        sa.Column("message_digest", sa.LargeBinary(), nullable=False),
        sa.Column("reserved_start", sa.BigInteger(), nullable=False),
        sa.Column("reserved_end", sa.BigInteger(), nullable=False),
        sa.Column("signed_attributes", sa.LargeBinary(), nullable=False),
        sa.Column("prepared_digest", sa.String(length=64), nullable=False),
        sa.Column("prepared_size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("accepted_at", sa.BigInteger(), nullable=True),
        sa.Column("embedded_digest", sa.String(length=64), nullable=True),
        sa.Column("extended_digest", sa.String(length=64), nullable=True),
        sa.Column("final_digest", sa.String(length=64), nullable=True),
        sa.Column("final_size", sa.BigInteger(), nullable=True),
        sa.Column("failure_ja", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["identity_accounts.id"], name=op.f("fk_signing_requests_account_id_identity_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["signing_batches.id"], name=op.f("fk_signing_requests_batch_id_signing_batches")
        ),
        sa.ForeignKeyConstraint(
            ["binding_id"],
            ["certificate_bindings.id"],
            name=op.f("fk_signing_requests_binding_id_certificate_bindings"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_signing_requests_contract_id_contracts")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["contract_documents.id"], name=op.f("fk_signing_requests_document_id_contract_documents")
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["contract_slots.id"], name=op.f("fk_signing_requests_slot_id_contract_slots")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_requests")),
    )
    op.create_index(op.f("ix_signing_requests_account_id"), "signing_requests", ["account_id"], unique=False)
    op.create_index(op.f("ix_signing_requests_contract_id"), "signing_requests", ["contract_id"], unique=False)
    op.create_index(op.f("ix_signing_requests_state"), "signing_requests", ["state"], unique=False)
    op.create_table(
        "signing_batch_items",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("refusal_ja", sa.Text(), nullable=False),
        sa.Column("refusal_en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["signing_batches.id"], name=op.f("fk_signing_batch_items_batch_id_signing_batches")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_signing_batch_items_contract_id_contracts")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["signing_requests.id"], name=op.f("fk_signing_batch_items_request_id_signing_requests")
        ),
        sa.PrimaryKeyConstraint("batch_id", "ordinal", name=op.f("pk_signing_batch_items")),
    )
