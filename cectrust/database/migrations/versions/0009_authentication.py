"""The tables of authentication"""

import sqlalchemy as sa
from alembic import op

revision = "core_0009"
down_revision = "core_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authentication_recovery_codes",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["identity_accounts.id"],
            name=op.f("fk_authentication_recovery_codes_account_id_identity_accounts"),
        ),
        sa.PrimaryKeyConstraint("account_id", "code_sha256", name=op.f("pk_authentication_recovery_codes")),
    )
    op.create_table(
        "authentication_challenges",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("confirmation_id", sa.String(length=32), nullable=True),
        sa.Column("act", sa.Text(), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("connection_id", sa.String(length=32), nullable=False),
        sa.Column("bridge_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("mechanism", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["identity_accounts.id"],
            name=op.f("fk_authentication_challenges_account_id_identity_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["signing_connections.id"],
            name=op.f("fk_authentication_challenges_connection_id_signing_connections"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authentication_challenges")),
    )
