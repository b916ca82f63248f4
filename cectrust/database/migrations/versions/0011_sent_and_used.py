"""What a partner was sent last, forms that are used once, one open request for consent, failures in English"""

import sqlalchemy as sa
from alembic import op

revision = "core_0011"
down_revision = "core_0010"
branch_labels = None
depends_on = None

LAST_SENT = """
UPDATE contracts SET sent_revision_id = (
    SELECT r.id FROM contract_revisions r
    JOIN contract_slots s ON s.revision_id = r.id
    JOIN contract_parties p ON p.id = s.party_id
    WHERE p.contract_id = contracts.id AND p.role = 'sender' AND r.created_at <= (
        SELECT max(a.at) FROM journal_acts a WHERE a.subject = contracts.id AND a.act = 'contract.sent'
    )
    ORDER BY r.created_at DESC, r.id DESC LIMIT 1
) WHERE was_sent
"""
"""Sent was what the sender had signed last before; what it signed after is not the partner's to read."""

OPEN = "given_at IS NULL AND refused_at IS NULL AND withdrawn_at IS NULL"
CLOSE_OLDER = """
UPDATE contract_consents SET withdrawn_at = asked_at
WHERE given_at IS NULL AND refused_at IS NULL AND withdrawn_at IS NULL AND EXISTS (
    SELECT 1 FROM contract_consents newer
    WHERE newer.asking_company_id = contract_consents.asking_company_id
    AND newer.partner_company_id = contract_consents.partner_company_id
    AND newer.id > contract_consents.id
    AND newer.given_at IS NULL AND newer.refused_at IS NULL AND newer.withdrawn_at IS NULL
)
"""
"""Two colleagues who asked at the same moment left two requests; the newest one is the one that counts."""


def upgrade() -> None:
    op.add_column("contracts", sa.Column("sent_revision_id", sa.String(length=32), nullable=True))
    op.execute(LAST_SENT)
    op.drop_column("contracts", "was_sent")
    _forms()
    _open_consents()
    op.add_column("signing_requests", sa.Column("failure_en", sa.Text(), nullable=False, server_default=""))


def _forms() -> None:
    op.create_table(
        "contract_form_tokens",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["identity_accounts.id"], name=op.f("fk_contract_form_tokens_account_id_identity_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contracts.id"],
            name=op.f("fk_contract_form_tokens_contract_id_contracts"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("account_id", "token", name=op.f("pk_contract_form_tokens")),
    )


def _open_consents() -> None:
    op.execute(CLOSE_OLDER)
    op.create_index(
        "uq_contract_consents_open",
        "contract_consents",
        ["asking_company_id", "partner_company_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
