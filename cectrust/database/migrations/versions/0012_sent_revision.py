"""What a partner was sent last, instead of whether it was sent anything"""

import sqlalchemy as sa
from alembic import op

revision = "core_0012"
down_revision = "core_0009"
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


def upgrade() -> None:
    op.add_column("contracts", sa.Column("sent_revision_id", sa.String(length=32), nullable=True))
    op.execute(LAST_SENT)
    op.drop_column("contracts", "was_sent")
