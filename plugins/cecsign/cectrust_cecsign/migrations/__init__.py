"""Alembic revisions of the branch ``cecsign``."""
