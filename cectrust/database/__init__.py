"""Engine, transactions and migrations; SQLite and PostgreSQL alike.

Every room defines its tables in its own ``tables.py`` on ``metadata`` and touches them only in its ``store.py``.
"""

from cectrust.database.engine import Database, open_database
from cectrust.database.metadata import metadata

__all__ = ["Database", "metadata", "open_database"]
