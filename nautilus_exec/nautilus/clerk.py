"""Says the records of parents on the bus, in the order in which things happened."""

from collections.abc import Callable
from typing import Any

import msgspec

from nautilus_exec.core.events import Event
from nautilus_exec.core.ledger import Child
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.parent import Step
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.shared import Run
from nautilus_exec.nautilus.working import (
    Working,
    child_record,
    decision_record,
    denied_record,
    fill_record,
    parent_record,
)
from nautilus_exec.tca.records import ParentRecord
from nautilus_exec.units import Nanos


class Clerk:
    """Makes records, numbers their revisions and keeps the results; one line of log per end of a parent."""

    def __init__(
        self, run: RunConfig, shared: Run, publish: Callable[[str, Any], None], say: Callable[[str], None]
    ) -> None:
        self.run, self.shared, self.publish, self.say = run, shared, publish, say

    def fill(self, work: Working, child: Child, event: Event, ts_init: Nanos, late: bool) -> None:
        """Say a fill that the ledger has taken in."""
        self.publish(topics.REC_FILL, fill_record(work, child, event, ts_init, late))

    def child(self, work: Working, child: Child) -> None:
        """Say how a child ended, again with a higher revision when that changed."""
        revision = work.issued.get(child.id, 0)
        work.issued[child.id] = revision + 1
        self.publish(topics.REC_CHILD, child_record(work, child, revision))

    def decision(self, work: Working, step: Step, view: MarketView, now_ns: Nanos) -> None:
        """Say what a step sent, cancelled or held back."""
        self.publish(topics.REC_DECISION, decision_record(work, step, view, now_ns))

    def parent(self, work: Working) -> None:
        """Say how a parent ended, again with a higher revision when that changed."""
        record = parent_record(work)
        work.revision += 1
        self.say(f"{work.id} {record.status}: {record.reason}, {record.filled} of {record.quantity} lots")
        self._keep(record)

    def denied(self, order: Any, given: dict[str, str], algorithm: str, reason: str, now_ns: Nanos) -> None:
        """Say that a parent was refused."""
        params = msgspec.json.encode(given).decode()
        record = denied_record(order, algorithm, self.run, reason, now_ns, params)
        self.say(f"{record.parent_id} DENIED: {reason}")
        self._keep(record)

    def _keep(self, record: ParentRecord) -> None:
        self.shared.results[record.parent_id] = record
        self.publish(topics.REC_PARENT, record)
