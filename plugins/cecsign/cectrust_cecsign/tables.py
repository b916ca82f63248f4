"""The plugin's tables, every one named ``cecsign_…``, on a ``MetaData`` of its own. Instants are UTC microseconds."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _serial(name: str = "serial", *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    reference = ForeignKey("cecsign_certificate.serial")
    return Column(name, String(40), reference, primary_key=primary_key, nullable=nullable)


certificate = Table(
    "cecsign_certificate",
    metadata,
    Column("serial", String(40), primary_key=True),
    Column("issuer", String(16), nullable=False),
    Column("profile", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("tbs", LargeBinary, nullable=False),
    Column("der", LargeBinary),
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("retain_until", BigInteger, nullable=False),
    Column("intended_at", BigInteger, nullable=False),
    Column("issued_at", BigInteger),
    CheckConstraint("(state = 'issued') = (der IS NOT NULL)", name="issued_has_der"),
)
authority = Table(
    "cecsign_authority",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("key_id", String(64), nullable=False, unique=True),
    _serial(nullable=True),
    Column("crl_number", Integer, nullable=False, default=0),
)
responder = Table(
    "cecsign_responder",
    metadata,
    Column("key_id", String(64), primary_key=True),
    _serial(nullable=True),
    Column("planned_at", BigInteger, nullable=False),
)
enrolment = Table(
    "cecsign_enrolment",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("applicant_number", String(16), nullable=False),
    Column("legal_name", String(64), nullable=False),
    Column("romanised", String(64), nullable=False),
    Column("organisation", String(64), nullable=False),
    Column("unit", String(64)),
    Column("key_kind", String(16), nullable=False),
    Column("years", Integer, nullable=False),
    Column("key_id", String(64), nullable=False, unique=True),
    Column("token_model", String(64), nullable=False),
    Column("token_serial", String(64), nullable=False),
    Column("accepted_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    _serial(nullable=True),
    Column("begun_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    sqlite_autoincrement=True,  # applicant numbers come from it and are never given out twice
)
_unfinished = text("state NOT IN ('delivered', 'abandoned')")
Index(
    "uq_cecsign_enrolment_unfinished",
    enrolment.c.token_model,
    enrolment.c.token_serial,
    unique=True,
    sqlite_where=_unfinished,
    postgresql_where=_unfinished,
)
revocation = Table(
    "cecsign_revocation",
    metadata,
    _serial(primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("requester", String(200), nullable=False),
    Column("evidence", String(2000), nullable=False),
    Column("revoked_at", BigInteger, nullable=False),
    CheckConstraint("requester <> '' AND evidence <> ''", name="requester_and_evidence"),
)
crl = Table(
    "cecsign_crl",
    metadata,
    Column("issuer", String(16), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("der", LargeBinary, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("this_update", BigInteger, nullable=False),
    Column("next_update", BigInteger, nullable=False),
)
ocsp = Table(
    "cecsign_ocsp",
    metadata,
    _serial(primary_key=True),
    Column("hash_algorithm", String(16), primary_key=True),
    Column("revoked", Integer, nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("this_update", BigInteger, nullable=False),
    Column("next_update", BigInteger, nullable=False),
)
