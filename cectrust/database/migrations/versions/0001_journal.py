"""The tables of journal"""

import sqlalchemy as sa
from alembic import op

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal_acts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("company_ids", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_acts")),
    )
    op.create_index(op.f("ix_journal_acts_act"), "journal_acts", ["act"], unique=False)
    op.create_index(op.f("ix_journal_acts_subject"), "journal_acts", ["subject"], unique=False)
    op.create_table(
        "journal_readers",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_journal_readers")),
    )
    op.create_table(
        "journal_positions",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("act_id", sa.String(length=32), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["journal_acts.id"], name=op.f("fk_journal_positions_act_id_journal_acts")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_journal_positions")),
        sa.UniqueConstraint("act_id", name=op.f("uq_journal_positions_act_id")),
    )
