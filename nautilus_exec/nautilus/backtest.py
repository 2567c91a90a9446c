"""Running a run file as a backtest on a catalog."""

import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import msgspec
from nautilus_trader.backtest import BacktestNode

from nautilus_exec.errors import ExecError, InvalidInput
from nautilus_exec.nautilus.arrow import write_run_json
from nautilus_exec.nautilus.attach import Attached, attach
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.feed import ParentFeed
from nautilus_exec.nautilus.plugins import ALGORITHMS
from nautilus_exec.nautilus.recorder import Recorder
from nautilus_exec.nautilus.runfile import RunFile, load_run_file
from nautilus_exec.nautilus.shared import shared
from nautilus_exec.nautilus.simulation import Simulation
from nautilus_exec.tca.records import ParentRecord


class RunFailed(ExecError):
    """A run ended with an error inside a component; its records are on disk."""


class Outcome(msgspec.Struct, frozen=True):
    """What a run came to."""

    run_id: str
    folder: str
    parents: list[ParentRecord]
    events: int
    seconds: float


class _Into:
    """A backtest node under one run's id, with the engine's own verbs."""

    def __init__(self, node: BacktestNode, run_id: str) -> None:
        self._node, self._id = node, run_id

    def add_actor(self, actor: Any) -> None:
        self._node.add_actor(self._id, actor)

    def add_strategy(self, strategy: Any) -> None:
        self._node.add_strategy(self._id, strategy)

    def add_exec_algorithm(self, algorithm: Any) -> None:
        self._node.add_exec_algorithm(self._id, algorithm)


def run_backtest(path: str | Path, out: str | Path | None = None) -> Outcome:
    """Replay a run file and write its records to ``OUT/<run_id>``.

    Raises ``InvalidInput`` for what cannot be run, ``RunFailed`` when a component raised, ``BrokenInvariant`` when the
    rows written are not those that the ledgers counted.
    """
    run, folder = load_run_file(path)
    target, run_id = Path(out or run.out), run.id or Path(path).stem
    setup = Simulation(run, run_id, Catalog(folder))
    _check(setup)
    if (target / run_id).exists():
        raise InvalidInput(
            "run", str(target / run_id), "a folder that does not exist yet; remove it or name the run"
        )
    began = time.monotonic()
    node = BacktestNode([setup.platform_run()])
    node.build()
    into, feed = _Into(node, run_id), ParentFeed(run.parents)
    attached = attach(into, setup.run_config(target))
    into.add_strategy(feed)
    for replay in setup.reports():
        into.add_actor(replay)
    try:
        events = node.run()[0].iterations
    finally:
        node.dispose()
    return _finish(setup, attached, feed, target / run_id, events, time.monotonic() - began)


def _check(setup: Simulation) -> None:
    """Raise ``InvalidInput`` for a parent that names what is not there."""
    for parent in setup.run.parents:
        if parent.quantity <= 0:
            raise InvalidInput("quantity", str(parent.quantity), "a number above zero")
        for field, value, choices in (
            ("instrument", parent.instrument, setup.catalog.instruments.ids),
            ("algorithm", parent.algorithm.upper(), [kind.policy.id for kind in ALGORITHMS]),
        ):
            if value not in choices:
                raise InvalidInput(field, value, f"one of {', '.join(choices)}")


def _finish(
    setup: Simulation, attached: Attached, feed: ParentFeed, folder: Path, events: int, seconds: float
) -> Outcome:
    state = shared(setup.run_id)
    recorder = cast(Recorder, attached.recorder)
    recorder.flush()
    write_run_json(folder, _facts(setup.run, attached, events, seconds))
    missing = [name for name in feed.ids if name not in state.results]
    if state.errors or feed.refused or missing:
        known = {error.partition(":")[0] for error in state.errors}
        cut_off = [f"{name}: did not end before the data did" for name in missing if name not in known]
        wrong = [*state.errors, *feed.refused, *cut_off]
        raise RunFailed("run", setup.run_id, f"a run without errors; {'; '.join(wrong)}")
    recorder.verify()
    return Outcome(setup.run_id, str(folder), [state.results[name] for name in feed.ids], events, seconds)


def _facts(run: RunFile, attached: Attached, events: int, seconds: float) -> dict[str, Any]:
    """What ran, with which versions and assumptions: the run's ``run.json``."""
    packages = ("exec-nt", "nautilus_trader", "polars", "pyarrow", "numpy")
    return {
        "run_id": attached.run.run_id,
        "mode": "backtest",
        "catalog": attached.run.catalog,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in packages},
        "assumptions": attached.run.assumptions,
        "limits": run.limits,
        "parents": [msgspec.to_builtins(parent) for parent in run.parents],
        "events": events,
        "seconds": round(seconds, 3),
    }
