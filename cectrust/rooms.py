"""What the rooms bring to the processes; a new room is added here and nowhere else.

Importing this module imports every room's tables and workflows, so that ``metadata`` and the registry are whole.
"""

from __future__ import annotations

import importlib

import cectrust.signing.workflow  # noqa: F401 -- imported for what it registers
from cectrust.database import metadata
from cectrust.database.migrations import Schema
from cectrust.plugins import Plugins

ROOMS_WITH_TABLES = (
    "journal",
    "identity",
    "certificates",
    "archive",
    "contracts",
    "signing",
    "workflows",
    "notifications",
    "authentication",
)
"""Each has a module ``tables``; a room may refer to tables of rooms before it."""

for _room in ROOMS_WITH_TABLES:
    importlib.import_module(f"cectrust.{_room}.tables")


def schema(plugins: Plugins) -> Schema:
    """The core's tables and every plugin's own."""
    found = plugins.tables()
    return Schema(
        metadata=[metadata, *(tables.metadata for tables in found.values())],
        versions={name: tables.versions for name, tables in found.items()},
    )
