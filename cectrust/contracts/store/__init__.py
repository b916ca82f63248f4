"""The contracts' only SQL, split by what it is for."""

from cectrust.contracts.store import agreements, consents, reading, writing
from cectrust.contracts.store.reading import Filters
from cectrust.contracts.store.scope import Scope

__all__ = ["Filters", "Scope", "agreements", "consents", "reading", "writing"]
