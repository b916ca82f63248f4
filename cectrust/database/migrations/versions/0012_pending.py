"""What waits for its place in journal and log, in tables of its own"""

import sqlalchemy as sa
from alembic import op

revision = "core_0012"
down_revision = "core_0011"
branch_labels = None
depends_on = None

WAITING_ACTS = """
INSERT INTO journal_pending (act_id) SELECT a.id FROM journal_acts a
LEFT JOIN journal_positions p ON p.act_id = a.id WHERE p.position IS NULL
"""
WAITING_ENTRIES = """
INSERT INTO archive_pending (entry_id) SELECT e.id FROM archive_entries e
LEFT JOIN archive_leaves l ON l.entry_id = e.id WHERE l."index" IS NULL
"""


def upgrade() -> None:
    _pending("journal_pending", "act_id", "journal_acts")
    _pending("archive_pending", "entry_id", "archive_entries")
    op.execute(WAITING_ACTS)
    op.execute(WAITING_ENTRIES)


def _pending(table: str, column: str, waiting: str) -> None:
    op.create_table(
        table,
        sa.Column(column, sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint([column], [f"{waiting}.id"], name=op.f(f"fk_{table}_{column}_{waiting}")),
        sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}")),
    )
