"""The key stores of a profile as they are now: files are added and modules configured while the bridge runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from ..errors import TokenRemoved
from .kinds import StoreSetting
from .store import KeyStore

Read = Callable[[], Iterable[StoreSetting]]
log = logging.getLogger(__name__)


class Shelf:
    """Stores by name. `read` gives the settings as they are now, ValueError if they are wrong. None: no changes."""

    def __init__(self, stores: Iterable[KeyStore], read: Read | None, make: Callable[[StoreSetting], KeyStore]) -> None:
        self._stores = {store.name: store for store in stores}
        self._leaving: list[KeyStore] = []
        self._read, self._make = read, make
        self._trouble = ""

    def stores(self) -> Sequence[KeyStore]:
        """All of them, read again. While the settings are wrong, those that there were."""
        if self._read is not None:
            try:
                self._arrange(list(self._read()))
                self._trouble = ""
            except (ValueError, OSError) as error:
                self._complain(str(error))
        return list(self._stores.values())

    def store(self, name: str) -> KeyStore:
        """The one of this name; TokenRemoved if it is no longer here."""
        if name not in self._stores:
            raise TokenRemoved
        return self._stores[name]

    def stop(self) -> None:
        """End every worker."""
        for store in (*self._stores.values(), *self._leaving):
            store.stop()

    def _arrange(self, settings: Sequence[StoreSetting]) -> None:
        """An unchanged store keeps its worker. One that was removed ends what it is doing."""
        known = {store.setting: store for store in self._stores.values()}
        self._stores = {each.name: known[each] if each in known else self._make(each) for each in settings}
        self._leaving += [store for setting, store in known.items() if setting not in settings]
        for store in [each for each in self._leaving if not each.is_busy()]:
            store.stop()
            self._leaving.remove(store)

    def _complain(self, trouble: str) -> None:
        """Once: the stores are read every few seconds."""
        if trouble != self._trouble:
            log.warning("the key stores stay as they were: %s", trouble)
        self._trouble = trouble
