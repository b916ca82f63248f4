"""The tables of archive"""

import sqlalchemy as sa
from alembic import op

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("timestamp", sa.LargeBinary(), nullable=False),
        sa.Column("assurance", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_archive_checkpoints")),
    )
    op.create_table(
        "archive_entries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("company_id", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("ledger", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("leaf_data", sa.String(length=64), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_entries")),
        sa.UniqueConstraint("identity", name=op.f("uq_archive_entries_identity")),
    )
    op.create_index(op.f("ix_archive_entries_company_id"), "archive_entries", ["company_id"], unique=False)
    op.create_index(op.f("ix_archive_entries_number"), "archive_entries", ["number"], unique=False)
    op.create_table(
        "archive_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_archive_nodes")),
    )
    op.create_table(
        "archive_files",
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["archive_entries.id"], name=op.f("fk_archive_files_entry_id_archive_entries")
        ),
        sa.PrimaryKeyConstraint("entry_id", "ordinal", name=op.f("pk_archive_files")),
    )
    op.create_index(op.f("ix_archive_files_sha256"), "archive_files", ["sha256"], unique=False)
    op.create_table(
        "archive_leaves",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("leaf_data", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["archive_entries.id"], name=op.f("fk_archive_leaves_entry_id_archive_entries")
        ),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_archive_leaves")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_archive_leaves_entry_id")),
    )
