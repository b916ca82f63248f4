"""The tables of contracts"""

import sqlalchemy as sa
from alembic import op

revision = "core_0005"
down_revision = "core_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contract_numbers",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_contract_numbers")),
    )
    op.create_table(
        "contracts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("contract_date", sa.Date(), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("formed_at", sa.BigInteger(), nullable=True),
        sa.Column("concluded_at", sa.BigInteger(), nullable=True),
        sa.Column("accepting_request_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("was_sent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("number", name=op.f("uq_contracts_number")),
    )
    op.create_index(op.f("ix_contracts_reply_by"), "contracts", ["reply_by"], unique=False)
    op.create_index("ix_contracts_state_id", "contracts", ["state", "id"], unique=False)
    op.create_table(
        "certificate_agreements",
        sa.Column("company_id", sa.String(length=32), nullable=False),
        sa.Column("partner_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("agreed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["identity_companies.id"],
            name=op.f("fk_certificate_agreements_company_id_identity_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_id"],
            ["identity_companies.id"],
            name=op.f("fk_certificate_agreements_partner_id_identity_companies"),
        ),
        sa.PrimaryKeyConstraint("company_id", "partner_id", "kind", name=op.f("pk_certificate_agreements")),
    )
    op.create_table(
        "contract_certificate_kinds",
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_contract_certificate_kinds_contract_id_contracts")
        ),
        sa.PrimaryKeyConstraint("contract_id", "kind", name=op.f("pk_contract_certificate_kinds")),
    )
    op.create_table(
        "contract_documents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_contract_documents_contract_id_contracts")
        ),
        sa.ForeignKeyConstraint(
            ["owner"], ["identity_companies.id"], name=op.f("fk_contract_documents_owner_identity_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_documents")),
        sa.UniqueConstraint("contract_id", "ordinal", name=op.f("uq_contract_documents_contract_id_ordinal")),
    )
    op.create_table(
        "contract_consents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("asking_company_id", sa.String(length=32), nullable=False),
        sa.Column("partner_company_id", sa.String(length=32), nullable=False),
        sa.Column("asking_company_name", sa.Text(), nullable=False),
        sa.Column("partner_company_name", sa.Text(), nullable=False),
        sa.Column("means", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["identity_accounts.id"], name=op.f("fk_contract_consents_asked_by_identity_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["asking_company_id"],
            ["identity_companies.id"],
            name=op.f("fk_contract_consents_asking_company_id_identity_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["partner_company_id"],
            ["identity_companies.id"],
            name=op.f("fk_contract_consents_partner_company_id_identity_companies"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_consents")),
    )
    op.create_index(
        op.f("ix_contract_consents_asking_company_id"), "contract_consents", ["asking_company_id"], unique=False
    )
    op.create_index(
        op.f("ix_contract_consents_partner_company_id"), "contract_consents", ["partner_company_id"], unique=False
    )
    op.create_table(
        "contract_parties",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("company_id", sa.String(length=32), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("department", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["identity_accounts.id"], name=op.f("fk_contract_parties_account_id_identity_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["identity_companies.id"], name=op.f("fk_contract_parties_company_id_identity_companies")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_contract_parties_contract_id_contracts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_parties")),
        sa.UniqueConstraint("contract_id", "company_id", name=op.f("uq_contract_parties_contract_id_company_id")),
        sa.UniqueConstraint("contract_id", "ordinal", name=op.f("uq_contract_parties_contract_id_ordinal")),
    )
    op.create_index(op.f("ix_contract_parties_account_id"), "contract_parties", ["account_id"], unique=False)
    op.create_index("ix_contract_parties_of_company", "contract_parties", ["company_id", "contract_id"], unique=False)
    op.create_table(
        "contract_revisions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["contract_documents.id"],
            name=op.f("fk_contract_revisions_document_id_contract_documents"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_revisions")),
        sa.UniqueConstraint("document_id", "ordinal", name=op.f("uq_contract_revisions_document_id_ordinal")),
    )
    op.create_table(
        "contract_slots",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("certificate_kind", sa.String(length=64), nullable=False),
        sa.Column("revision_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["contract_documents.id"], name=op.f("fk_contract_slots_document_id_contract_documents")
        ),
        sa.ForeignKeyConstraint(
            ["party_id"], ["contract_parties.id"], name=op.f("fk_contract_slots_party_id_contract_parties")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["contract_revisions.id"], name=op.f("fk_contract_slots_revision_id_contract_revisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_slots")),
        sa.UniqueConstraint("document_id", "party_id", name=op.f("uq_contract_slots_document_id_party_id")),
    )
