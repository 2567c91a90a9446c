"""A parent through a real engine in a few lines: play data and a script, then read records, orders and events."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from nautilus_trader.common import LogLevel
from nautilus_trader.model import ClientOrderId, InstrumentId

from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.attach import Attached, attach
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.shared import Run, shared
from nautilus_exec.tca.records import ChildRecord, DecisionRecord, FillRecord, ParentRecord
from tests.books import XNYS, Listener, Script, engine, ns, top

RUNS = count(1)
type Act = tuple[float, Callable[[Script], None]]


def flat(
    until: float, bid: float = 100.0, ask: float = 100.02, size: int = 300, iid: InstrumentId = XNYS
) -> list[Any]:
    """A quote a second at the same prices; the size grows by one, so that what was taken comes back."""
    return [top(t, bid, size + t, ask, size + t, iid) for t in range(int(until) + 1)]


@dataclass
class Story:
    """What a run left behind."""

    eng: Any
    owner: Script
    attached: Attached
    records: list[Any] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)

    @property
    def run(self) -> Run:
        return shared(self.attached.run.run_id)

    def result(self, parent_id: str = "P") -> ParentRecord:
        return self.run.results[parent_id]

    def of(self, kind: type, parent_id: str = "P") -> list[Any]:
        return [r for r in self.records if isinstance(r, kind) and r.parent_id == parent_id]

    def children(self, parent_id: str = "P") -> list[ChildRecord]:
        return self.of(ChildRecord, parent_id)

    def fills(self, parent_id: str = "P") -> list[FillRecord]:
        return self.of(FillRecord, parent_id)

    def decisions(self, parent_id: str = "P") -> list[DecisionRecord]:
        return self.of(DecisionRecord, parent_id)

    def parents(self, parent_id: str = "P") -> list[ParentRecord]:
        return self.of(ParentRecord, parent_id)

    def order(self, order_id: str = "P") -> Any:
        return self.eng.cache.order(ClientOrderId(order_id))

    def told(self, order_id: str = "P") -> list[str]:
        """The events of one order as its owner saw them."""
        return self.owner.names(ClientOrderId(order_id))

    @property
    def left(self) -> list[Any]:
        """The orders that are open still, but for a parent that the end of the run cut off."""
        cut = {e.partition(":")[0] for e in self.run.errors if "when the run stopped" in e}
        orders = [o for o in self.eng.cache.orders() if not o.is_closed]
        return [o for o in orders if o.client_order_id.value not in cut]

    @property
    def sent(self) -> list[Any]:
        """The orders in the cache that are no parents."""
        return [o for o in self.eng.cache.orders() if o.client_order_id != o.exec_spawn_id]


def play(
    data: Iterable[Any],
    acts: Iterable[Act],
    *parts: Any,
    end: float,
    instruments: Any = (XNYS,),
    rate: str = "1000000/00:00:01",
    setup: Callable[[Any], None] | None = None,
    venue: dict[str, Any] | None = None,
    desks: list[Any] | None = None,
    on: dict[str, Callable[[Any], None]] | None = None,
    owner: type[Script] = Script,
    **config: Any,
) -> Story:
    """Run the data against the package and an owner that acts.

    ``config`` goes to ``RunConfig``; ``desks`` is given the desk and the owner, for what acts on them during the run;
    ``on`` has handlers of topics.
    """
    eng = engine(instruments, rate, LogLevel.ERROR, **venue or {})
    items = [x for item in data for x in (item if isinstance(item, list) else [item])]
    for item in items:
        eng.add_data([item], sort=False)
    eng.sort_data()
    script = owner(acts, tag="900")
    eng.add_strategy(script)
    attached = attach(eng, RunConfig(run_id=config.pop("run_id", f"shell{next(RUNS)}"), **config))
    story = Story(eng, script, attached)
    if desks is not None:
        desks += [attached.desk, script]
    listener = Listener(lambda s: _listen(s, story, on or {}))
    for part in (listener, *parts):
        (eng.add_strategy if isinstance(part, Script) else eng.add_actor)(part)
    if setup is not None:
        setup(eng)
    eng.run(end=ns(end))
    if attached.recorder is not None:
        attached.recorder.flush()
    return story


def _listen(actor: Listener, story: Story, on: dict[str, Callable[[Any], None]]) -> None:
    for topic, handler in on.items():
        actor.subscribe_topic(topic, handler)
    for topic in (topics.REC_PARENT, topics.REC_CHILD, topics.REC_FILL, topics.REC_DECISION):
        actor.subscribe_topic(topic, story.records.append)
    actor.subscribe_topic(topics.REPLY, story.replies.append)
