"""When a signing request was ordered, and the session of a connection"""

import sqlalchemy as sa
from alembic import op

revision = "core_0010"
down_revision = "core_0009"
branch_labels = None
depends_on = None

ORDERED_BEFORE = """
UPDATE signing_requests SET ordered_at = created_at
WHERE state = 'prepared' AND batch_id IN (SELECT id FROM signing_batches WHERE connection_id IS NOT NULL)
"""


def upgrade() -> None:
    op.add_column("signing_requests", sa.Column("ordered_at", sa.BigInteger(), nullable=True))
    op.execute(ORDERED_BEFORE)
    op.add_column("signing_connections", sa.Column("session", sa.String(length=64), nullable=True))
