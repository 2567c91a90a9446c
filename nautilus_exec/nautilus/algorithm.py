"""The shell around the pure core: carries the platform's messages in, and what the plan decided out.

One event handler, one inbox, one step at a time. During our own submit, modify and cancel the platform calls back into
us with every property of ours borrowed: handles are kept from ``on_start`` on, and a message that comes then only
enqueues.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, ClassVar, cast

from nautilus_trader.trading import ExecutionAlgorithm

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.ledger import Child
from nautilus_exec.core.life import Status
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.parent import Order, Step
from nautilus_exec.core.plan import Amend, Cancel, Send
from nautilus_exec.core.transitions import TERMINAL, State
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.accept import SINGLE, receive
from nautilus_exec.nautilus.alarms import Alarms
from nautilus_exec.nautilus.auctions import KeepsAuctions, is_native
from nautilus_exec.nautilus.child import build_child
from nautilus_exec.nautilus.clerk import Clerk
from nautilus_exec.nautilus.config import AlgorithmConfig
from nautilus_exec.nautilus.convert import PARENT_ENDS, SAYS_NOTHING, to_event
from nautilus_exec.nautilus.messages import CloseParent, Fired, Watch
from nautilus_exec.nautilus.obey import Obeys
from nautilus_exec.nautilus.shared import join
from nautilus_exec.nautilus.view import view_of, wants_feed, wants_tape
from nautilus_exec.nautilus.working import Working, is_news
from nautilus_exec.policies.base import Policy
from nautilus_exec.units import Nanos


class ExecAlgorithm(Obeys, KeepsAuctions, ExecutionAlgorithm):
    """An execution algorithm whose decisions are a pure policy's; subclasses name the policy."""

    policy: ClassVar[type[Policy]]

    def __init__(self, config: AlgorithmConfig | None = None) -> None:
        config = config or AlgorithmConfig()
        self.run = config.run
        self.limits = self.run.hard_limits()
        self.shared = join(self.run.run_id, str(config.exec_algorithm_id))
        self.working: dict[str, Working] = {}
        self.owner_of: dict[str, str] = {}
        self.inbox: deque[str] = deque()
        self.busy = False

    def on_start(self) -> None:
        """Keep the handles that are out of reach during our own calls, and listen."""
        self.clk: Any = self.clock
        self.store, self.logger, self.own_id = self.cache, self.log, self.exec_algorithm_id
        self.alarms = Alarms(self.clk, self.run)
        self.clerk = Clerk(self.run, self.shared, self.publish_message, self.logger.info)
        self.hear_commands()
        self.begin_auctions()
        self.subscribe_topic(topics.wake(str(self.own_id)), self._fired)

    def on_stop(self) -> None:
        """Take back what is still out; that nobody drained first is an error of whoever stops us."""
        for work in self.working.values():
            ledger = work.parent.ledger
            if not ledger.ended:
                self.shared.errors.append(
                    f"{work.id}: {ledger.status.value} when the run stopped, not drained"
                )
                for child in list(ledger.open.values()):
                    self._take_back(work, child)

    def on_order(self, order: Any) -> None:
        """Take a parent on, or deny it with the reason."""
        now = self.clk.timestamp_ns()
        given = dict(order.exec_algorithm_params or {})
        try:
            work = receive(order, given, self.policy, self.store, self.run, now)
        except InvalidInput as error:
            self._deny(order, given, str(error), now)
            return
        except Exception as error:  # noqa: BLE001 - a parent that we cannot read must not hang open
            self.shared.errors.append(f"{order.client_order_id}: {error!r}")
            self._deny(order, given, f"internal error: {error!r}", now)
            return
        work.wake = lambda _event: self._guard(work.id, self._woken)
        self.working[work.id] = work
        self.shared.working += 1
        if wants_feed(work):
            self._watch(work)
        self.logger.info(
            f"{work.id} received: {work.parent.spec.side.name} {order.quantity} {order.instrument_id}"
        )
        self._enqueue(work.id)

    def on_order_list(self, order_list: Any, orders: Any) -> None:
        """Deny every member: no algorithm works contingent orders."""
        now = self.clk.timestamp_ns()
        for order in orders:
            error = InvalidInput("order_list", str(order_list.id), SINGLE)
            self._deny(order, dict(order.exec_algorithm_params or {}), str(error), now)

    def on_order_event(self, event: Any) -> None:
        """Fold what a venue said of a child, or what somebody did to a parent."""
        name = type(event).__name__
        if name in SAYS_NOTHING:
            return
        order_id = event.client_order_id.value
        parent_id = self.owner_of.get(order_id)
        if parent_id is not None:
            self._guard(parent_id, self._child_event, event)
        elif name in PARENT_ENDS and order_id in self.working:
            self._guard(order_id, self._closed_outside)

    def _fired(self, message: object) -> None:
        """A trigger fired inside a data callback: act when all data of this stamp is in."""
        work = self.working.get(cast(Fired, message).parent_id)
        if work is not None:
            work.watched = ()
            self.alarms.set(work, self.clk.timestamp_ns())
            work.quiet_ns = None

    def _closed_outside(self, work: Working) -> None:
        """The parent's order was closed by somebody else: send nothing more and take the children back."""
        now = self.clk.timestamp_ns()
        if now < work.parent.spec.end_ns:  # else its time is up, whoever was first to say so
            self._fold_own(work, Event(Kind.CANCEL, now, reason="closed_by_owner"))
        self._enqueue(work.id)

    def _child_event(self, work: Working, platform_event: Any) -> None:
        event = to_event(platform_event, work.ruler)
        if event is None:
            return
        ledger = work.parent.ledger
        child = ledger.children[event.child_id]
        before, fills, was_ended = child.state, ledger.fill_count, ledger.ended
        self.shared.journal.append(work.id, (event,))
        ledger.fold(event)
        self.shared.resting.note(work.parent.spec, child)
        filled, gone = ledger.fill_count > fills, child.state in TERMINAL and before not in TERMINAL
        if filled:
            self.clerk.fill(work, child, event, platform_event.ts_init, before in TERMINAL)
        if gone or (filled and (before in TERMINAL or was_ended)):
            self.clerk.child(work, child)
        if was_ended:
            self._after_the_end(work, child, filled or gone)
        elif is_news(event, child, ledger):
            self._enqueue(work.id)
        self.settle_auction(work, child)
        if gone:
            work.orders.pop(child.id, None)

    def _after_the_end(self, work: Working, child: Child, changed: bool) -> None:
        """Say the result again; a child that a venue gives sign of now is taken back."""
        if changed:
            self.clerk.parent(work)
        if child.state is State.WORKING:
            self._take_back(work, child)

    def _take_back(self, work: Working, child: Child) -> None:
        order = work.orders.get(child.id)
        if order is not None:
            self._fold_own(work, Event(Kind.CANCEL_SENT, self.clk.timestamp_ns(), child.id))
            self.cancel_order(order)

    def _enqueue(self, parent_id: str) -> None:
        self.inbox.append(parent_id)
        if self.busy:
            return
        self.busy = True
        try:
            while self.inbox:
                self._guard(self.inbox.popleft(), self._step)
        finally:
            self.busy = False

    def _guard(self, parent_id: str, action: Callable[..., None], *args: Any) -> None:
        """An exception ends that parent as FAILED with its children cancelled, and is seen by whoever runs us."""
        work = self.working.get(parent_id)
        if work is None:
            return
        try:
            action(work, *args)
        except Exception as error:  # noqa: BLE001 - the boundary: the platform would log it and go on as if well
            self.shared.errors.append(f"{parent_id}: {error!r}")
            self.logger.error(f"{parent_id} failed: {error!r}")
            self._abandon(work, error)

    def _abandon(self, work: Working, error: Exception) -> None:
        ledger, now = work.parent.ledger, self.clk.timestamp_ns()
        first = not ledger.ended and ledger.outcome is not Status.FAILED
        self._fold_own(work, Event(Kind.FAIL, now, reason=f"error: {error!r}"))
        for child in list(ledger.open.values()):
            if not child.cancels:
                self._take_back(work, child)
        if first:
            self._enqueue(work.id)
        else:  # the step itself breaks: not at once again
            self.alarms.set(work, now + self.limits.ack_timeout_ns)

    def _step(self, work: Working) -> None:
        ledger = work.parent.ledger
        if ledger.ended and not ledger.open:
            return
        now, received = self.clk.timestamp_ns(), ledger.status is Status.RECEIVED
        view = view_of(self.store, work, self.shared)
        step = work.parent.step(view, self.shared.throttle, now)
        if received and ledger.status is not Status.RECEIVED:
            work.arrival_px = work.mid(view, now)
        if step.events:
            self.shared.journal.append(work.id, step.events)
        if step.orders or step.held:
            self.clerk.decision(work, step, view, now)
        for order in step.orders:
            self._act(work, order, view.tops, now)
        if step.orders:
            self.alarms.arrival(work, now)
        if step.closed:
            self._end(work, view, now)
        self._rearm(work, step)

    def _act(self, work: Working, order: Order, tops: Any, now: Nanos) -> None:
        action, child_id = order.action, order.child_id
        self.shared.resting.note(work.parent.spec, work.parent.ledger.children[child_id])
        if isinstance(action, Send):
            work.touches[child_id] = tops.get(action.venue)
            self.owner_of[child_id] = work.id
            if action.auction and not is_native(action, self.run):
                return self.keep(work, child_id, action)
            child = build_child(work, child_id, action, self.own_id, now)
            work.orders[child_id] = child
            self.submit_order(child, work.position_id)
        elif isinstance(action, Cancel) and child_id in self.kept:
            self.drop(work, child_id, Kind.CANCELLED)
        elif isinstance(action, Cancel):
            self.cancel_order(work.orders[child_id])
        elif isinstance(action, Amend):
            lots, price = work.ruler.quantity(action.lots), work.ruler.price(action.price_ticks)
            self.modify_order(work.orders[child_id], lots, price)
        return None

    def _fold_own(self, work: Working, event: Event) -> None:
        self.shared.journal.append(work.id, (event,))
        work.parent.ledger.fold(event)

    def _rearm(self, work: Working, step: Step) -> None:
        work.quiet_ns = step.quiet_ns
        self.alarms.set(work, step.wake_ns)
        if step.intent.triggers != work.watched:
            work.watched = step.intent.triggers
            self._watch(work)

    def _woken(self, work: Working) -> None:
        work.timer = ""
        quiet = work.quiet_ns
        if quiet is not None and not work.parent.ledger.open and self.clk.timestamp_ns() < quiet:
            self.alarms.set(work, quiet)
        else:
            self._enqueue(work.id)

    def _watch(self, work: Working) -> None:
        symbol, ended = work.order.instrument_id.symbol.value, work.parent.ledger.ended
        venues = () if ended or self.run.mode == "backtest" else tuple(work.instrument_ids)
        tape = wants_tape(work.parent.spec) and not ended
        watch = Watch(work.id, topics.wake(str(self.own_id)), symbol, work.watched, tape, venues)
        self.publish_message(topics.HUB_SUB, watch)

    def _end(self, work: Working, view: MarketView, now: Nanos) -> None:
        """First the ledger is terminal and the record is out, then the order is closed locally, by the desk."""
        work.ended_ns, work.end_px = now, work.mid(view, now)
        for child in work.parent.ledger.open.values():
            self.clerk.child(work, child)
        self.clerk.parent(work)
        self.shared.journal.forget(work.id)
        if work.watched or wants_feed(work):
            work.watched = ()
            self._watch(work)
        self.publish_message(topics.DESK_CLOSE, CloseParent(work.id))
        self.shared.working -= 1

    def _deny(self, order: Any, given: dict[str, str], reason: str, now: Nanos) -> None:
        self.clerk.denied(order, given, self.policy.id, reason, now)
        self.deny_order(order, reason)
