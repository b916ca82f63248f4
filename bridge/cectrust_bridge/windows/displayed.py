"""Which pages of which documents a person has had on the screen."""

from __future__ import annotations


class Displayed:
    """Pages that were shown to their foot. `lengths` are the pages of each document; all numbers count from 0."""

    def __init__(self) -> None:
        self._lengths: dict[int, int] = {}
        self._pages: dict[int, set[int]] = {}

    def begin(self, document: int, pages: int) -> None:
        """A document is opened, perhaps again: what was shown of it stays shown."""
        self._lengths[document] = pages
        self._pages.setdefault(document, set())

    def add(self, document: int, page: int) -> None:
        """The foot of this page was on the screen."""
        self._pages[document].add(page)

    def left(self, document: int) -> list[int]:
        """Pages of an opened document that are still to be shown."""
        return [page for page in range(self._lengths[document]) if page not in self._pages[document]]

    def next_left(self, document: int, page: int) -> int | None:
        """The first of them after `page`, going on at the front; None if `page` is the only one, or none is left."""
        others = [each for each in self.left(document) if each != page]
        return next((each for each in others if each > page), others[0] if others else None)

    def whole(self) -> set[int]:
        """Documents of which nothing is left."""
        return {document for document in self._lengths if not self.left(document)}
