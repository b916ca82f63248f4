"""The register: certificates, authorities, enrolments, revocations, CRLs and OCSP responses."""

import sqlalchemy as sa
from alembic import op

revision = "cecsign_0001"
down_revision = None
branch_labels = ("cecsign",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cecsign_certificate",
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("tbs", sa.LargeBinary(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=True),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("retain_until", sa.BigInteger(), nullable=False),
        sa.Column("intended_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'issued') = (der IS NOT NULL)", name=op.f("ck_cecsign_certificate_issued_has_der")
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_cecsign_certificate")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_cecsign_certificate_key_sha256")),
    )
    op.create_table(
        "cecsign_crl",
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("this_update", sa.BigInteger(), nullable=False),
        sa.Column("next_update", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "number", name=op.f("pk_cecsign_crl")),
    )
    op.create_table(
        "cecsign_authority",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=True),
        sa.Column("crl_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["serial"], ["cecsign_certificate.serial"], name=op.f("fk_cecsign_authority_serial_cecsign_certificate")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cecsign_authority")),
        sa.UniqueConstraint("key_id", name=op.f("uq_cecsign_authority_key_id")),
    )
    op.create_table(
        "cecsign_enrolment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("applicant_number", sa.String(length=16), nullable=False),
        sa.Column("legal_name", sa.String(length=64), nullable=False),
        sa.Column("romanised", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("key_kind", sa.String(length=16), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("token_model", sa.String(length=64), nullable=False),
        sa.Column("token_serial", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=True),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["serial"], ["cecsign_certificate.serial"], name=op.f("fk_cecsign_enrolment_serial_cecsign_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cecsign_enrolment")),
        sa.UniqueConstraint("key_id", name=op.f("uq_cecsign_enrolment_key_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_cecsign_enrolment_unfinished",
        "cecsign_enrolment",
        ["token_model", "token_serial"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('delivered', 'abandoned')"),
        postgresql_where=sa.text("state NOT IN ('delivered', 'abandoned')"),
    )
    op.create_table(
        "cecsign_ocsp",
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("hash_algorithm", sa.String(length=16), nullable=False),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("this_update", sa.BigInteger(), nullable=False),
        sa.Column("next_update", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["serial"], ["cecsign_certificate.serial"], name=op.f("fk_cecsign_ocsp_serial_cecsign_certificate")
        ),
        sa.PrimaryKeyConstraint("serial", "hash_algorithm", name=op.f("pk_cecsign_ocsp")),
    )
    op.create_table(
        "cecsign_responder",
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=True),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["serial"], ["cecsign_certificate.serial"], name=op.f("fk_cecsign_responder_serial_cecsign_certificate")
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_cecsign_responder")),
    )
    op.create_table(
        "cecsign_revocation",
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("requester", sa.String(length=200), nullable=False),
        sa.Column("evidence", sa.String(length=2000), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "requester <> '' AND evidence <> ''", name=op.f("ck_cecsign_revocation_requester_and_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["serial"], ["cecsign_certificate.serial"], name=op.f("fk_cecsign_revocation_serial_cecsign_certificate")
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_cecsign_revocation")),
    )


def downgrade() -> None:
    op.drop_table("cecsign_revocation")
    op.drop_table("cecsign_responder")
    op.drop_table("cecsign_ocsp")
    op.drop_index(
        "uq_cecsign_enrolment_unfinished",
        table_name="cecsign_enrolment",
        sqlite_where=sa.text("state NOT IN ('delivered', 'abandoned')"),
        postgresql_where=sa.text("state NOT IN ('delivered', 'abandoned')"),
    )
    op.drop_table("cecsign_enrolment")
    op.drop_table("cecsign_authority")
    op.drop_table("cecsign_crl")
    op.drop_table("cecsign_certificate")
