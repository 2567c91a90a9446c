"""What the components of one run in this process share, found by the run's id."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from nautilus_exec.core.journal import Journal, MemoryJournal
from nautilus_exec.core.limits import Throttle
from nautilus_exec.core.tape import Tape
from nautilus_exec.nautilus.resting import Resting
from nautilus_exec.tca.records import ParentRecord


@dataclass(slots=True)
class Run:
    """The folds that are not a parent's own, the results, and what went wrong."""

    throttle: Throttle = field(default_factory=Throttle)
    tapes: dict[str, Tape] = field(default_factory=dict)
    """By symbol: the same thing on every venue."""
    journal: Journal = field(default_factory=MemoryJournal)
    results: dict[str, ParentRecord] = field(default_factory=dict)
    resting: Resting = field(default_factory=Resting)
    cash: dict[str, bool] = field(default_factory=dict)
    """Per venue: whether its account is a cash account."""
    working: int = 0
    """Parents that have not ended."""
    draining: bool = False
    """Whether the run is being stopped: no parent is taken on any more."""
    errors: list[str] = field(default_factory=list)
    members: set[str] = field(default_factory=set)
    """The components that belong to it."""


_runs: dict[str, Run] = {}
_latest: list[str] = []


def shared(run_id: str) -> Run:
    """The shared state of a run, made on first use."""
    if run_id not in _runs:
        _runs[run_id] = Run()
        _latest[:] = [run_id]
    return _runs[run_id]


def join(run_id: str, member: str) -> Run:
    """The shared state of a run for one of its components; one that is made a second time begins the run anew."""
    if member in shared(run_id).members:
        forget(run_id)
    run = shared(run_id)
    run.members.add(member)
    return run


def forget(run_id: str) -> None:
    """Drop a run's shared state, so that its id can be used anew."""
    _runs.pop(run_id, None)


def result(parent_id: str, run_id: str | None = None) -> ParentRecord | None:
    """The true result of a parent: the last record that its algorithm issued, None while it works.

    Parameters
    ----------
    parent_id : str
        The client order id of the parent.
    run_id : str, optional
        The run; the latest one of this process by default.
    """
    name = run_id or (_latest[0] if _latest else "")
    return _runs[name].results.get(parent_id) if name in _runs else None


def seen[T](callback: Callable[[Any, T], None]) -> Callable[[Any, T], None]:
    """Make a component's callback leave its exception with the run: the platform logs it and goes on as if well."""

    @wraps(callback)
    def guarded(self: Any, message: T) -> None:
        try:
            callback(self, message)
        except Exception as error:
            self.shared.errors.append(f"{type(self).__name__}.{callback.__name__}: {error!r}")
            raise

    return guarded
