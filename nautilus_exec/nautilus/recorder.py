"""The recorder: takes the records of a run from the message bus and keeps them in the run's own catalog.

It holds what the parents say about themselves against what lies on disk: a record that got lost on the way is an
error of the run, raised by ``verify`` to whoever runs it, because the platform swallows what a callback raises.
"""

from collections import Counter
from pathlib import Path
from typing import Any, Self

import msgspec
from nautilus_trader.common import DataActor, DataActorConfig
from nautilus_trader.model import ActorId

from nautilus_exec.errors import BrokenInvariant, InvalidInput
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.arrow import Record, count_records, write_records
from nautilus_exec.tca.records import RECORDS, ChildRecord, DecisionRecord, FillRecord, ParentRecord

TOPICS: dict[str, Record] = {
    topics.REC_PARENT: ParentRecord,
    topics.REC_CHILD: ChildRecord,
    topics.REC_FILL: FillRecord,
    topics.REC_DECISION: DecisionRecord,
}

_BASE_KEYS = frozenset({"actor_id", "log_events", "log_commands"})


class RecorderConfig(DataActorConfig):
    """Where a recorder writes and how often.

    Parameters
    ----------
    out : str or Path
        The folder of all runs; the records go to ``out/run_id``.
    run_id : str
        The run; also the name of its folder.
    flush_rows : int
        Records of one kind held in memory before they are written. The default is chosen by us: about 1/8 s of
        writing at a time.
    """

    out: Path
    run_id: str
    flush_rows: int

    def __new__(cls, out: str | Path = "OUT", run_id: str = "", flush_rows: int = 100_000, **kw: Any) -> Self:
        """Validate the values and refuse unknown keys, which the platform would swallow."""
        for key in kw.keys() - _BASE_KEYS:
            raise InvalidInput(key, kw[key], "a field of RecorderConfig: out, run_id, flush_rows")
        if not run_id or Path(run_id).name != run_id:
            raise InvalidInput("run_id", run_id, "a name that can be a folder")
        if flush_rows < 1:
            raise InvalidInput("flush_rows", flush_rows, "a whole number of at least 1")
        kw.setdefault("actor_id", ActorId("RECORDER-001"))
        self = super().__new__(cls, **kw)
        self.out, self.run_id, self.flush_rows = Path(out), run_id, flush_rows
        return self


class Recorder(DataActor):
    """Keep every record that is published under ``exec.rec``.

    The runner calls ``flush`` and then ``verify`` once the run is over.
    """

    def __init__(self, config: RecorderConfig) -> None:
        self.run_dir = config.out / config.run_id
        self.received: Counter[Record] = Counter()
        self._before: dict[Record, int] = {r: count_records(self.run_dir, r) for r in RECORDS}
        self._flush_rows = config.flush_rows
        self._buffers: dict[Record, list[msgspec.Struct]] = {r: [] for r in RECORDS}
        self._parents: dict[str, ParentRecord] = {}
        self._children: set[tuple[str, str]] = set()
        self._fills: Counter[str] = Counter()
        self._strange: list[str] = []

    def on_start(self) -> None:
        """Subscribe to the records."""
        for topic in TOPICS:
            self.subscribe_topic(topic, self.take)

    def on_stop(self) -> None:
        """Write what is held."""
        self.flush()

    def take(self, record: object) -> None:
        """Count one record and hold it until the next flush."""
        if not isinstance(record, RECORDS):
            self._strange.append(type(record).__name__)
            return
        kind = type(record)
        held = self._buffers[kind]
        held.append(record)
        self.received[kind] += 1
        self._tally(record)
        if len(held) >= self._flush_rows:
            self._write(kind)

    def flush(self) -> None:
        """Write all that is held."""
        for kind in RECORDS:
            self._write(kind)

    def verify(self) -> None:
        """Hold the rows on disk against what was received, and that against the parents' own counts.

        Raises ``BrokenInvariant`` naming the count, what was found and what was expected.
        """
        if self._strange:
            raise BrokenInvariant(
                "records", self._strange[0], "only the record structs of nautilus_exec.tca.records"
            )
        for kind in RECORDS:
            self._expect(
                f"{kind.__name__} rows in {self.run_dir}",
                count_records(self.run_dir, kind),
                self._before[kind] + self.received[kind],
            )
        children = Counter(parent_id for parent_id, _ in self._children)
        for parent_id in sorted(self._parents.keys() | children.keys() | self._fills.keys()):
            self._verify_parent(parent_id, children[parent_id])

    def _verify_parent(self, parent_id: str, children: int) -> None:
        parent = self._parents.get(parent_id)
        if parent is None:
            raise BrokenInvariant(f"ParentRecord of {parent_id}", 0, "1: it has children or fills")
        self._expect(f"ChildRecord rows of {parent_id}", children, parent.children)
        self._expect(f"FillRecord rows of {parent_id}", self._fills[parent_id], parent.fills)

    def _expect(self, what: str, found: int, expected: int) -> None:
        if found != expected:
            raise BrokenInvariant(what, found, str(expected))

    def _tally(self, record: msgspec.Struct) -> None:
        match record:
            case FillRecord():
                self._fills[record.parent_id] += 1
            case ChildRecord():
                self._children.add((record.parent_id, record.child_id))
            case ParentRecord():
                known = self._parents.get(record.parent_id)
                if known is None or record.revision >= known.revision:
                    self._parents[record.parent_id] = record
            case _:
                pass

    def _write(self, kind: Record) -> None:
        held = self._buffers[kind]
        if not held:
            return
        write_records(self.run_dir, kind, held)
        self._buffers[kind] = []
