"""The contracts' only SQL, split by what it is for."""

from cectrust.contracts.store import agreements, consents, forms, reading, writing
from cectrust.contracts.store.reading import Filters

__all__ = ["Filters", "agreements", "consents", "forms", "reading", "writing"]
