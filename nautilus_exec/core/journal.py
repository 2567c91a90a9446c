"""The journal port: what must be written before a child leaves, so that a restart can refold it."""

from collections.abc import Iterable
from typing import Protocol

from nautilus_exec.core.events import Event


class Journal(Protocol):
    """An append-only record of every parent's events, in the order in which they were folded."""

    def append(self, parent_id: str, events: Iterable[Event]) -> None:
        """Keep the events of a parent; returns when they are safe."""
        ...

    def read(self, parent_id: str) -> list[Event]:
        """The events of a parent, oldest first."""
        ...

    def forget(self, parent_id: str) -> None:
        """Drop a parent that has ended."""
        ...


class MemoryJournal:
    """A journal that lives as long as its process."""

    def __init__(self) -> None:
        self._events: dict[str, list[Event]] = {}

    def append(self, parent_id: str, events: Iterable[Event]) -> None:
        """Keep the events of a parent."""
        self._events.setdefault(parent_id, []).extend(events)

    def read(self, parent_id: str) -> list[Event]:
        """The events of a parent, oldest first."""
        return list(self._events.get(parent_id, ()))

    def forget(self, parent_id: str) -> None:
        """Drop a parent that has ended."""
        self._events.pop(parent_id, None)
