"""Timers, topics, the cache and latency: when what happens within one stamp."""

from typing import Any

from nautilus_trader.execution import StaticLatencyModel
from nautilus_trader.model import TimeInForce

from tests.books import BUY, XNAS, XNYS, ns, quote, run, top
from tests.parts import Listener, Probe, Script, short

QUIET = [top(t, 100, 300, 100.02, 300) for t in (1, 3, 5, 9)]
SLOW = StaticLatencyModel(0, 500_000_000, 0, 300_000_000)
"""Half a second to insert, three tenths to cancel."""


def since(stamp: int) -> float:
    return (stamp - ns(0)) / 1e9


def alert(part: Any, trail: list[Any], name: str, t: float | None = None) -> None:
    """Arm an alert that leaves its name in the trail; at now unless told."""
    at = part.k.timestamp_ns() if t is None else ns(t)
    part.k.set_time_alert_ns(name, at, callback=lambda e: trail.append((name, since(e.ts_event))))


class Owner(Script):
    """Leaves its order events in a trail."""

    trail: list[Any]

    def on_order_event(self, event: Any) -> None:
        self.trail.append(short(event))


def trail_of(*acts: tuple[float, Any], data: list[Any] | None = None, **kw: Any) -> list[Any]:
    owner = Owner(acts)
    owner.trail = []
    run(data or QUIET, owner, **kw).dispose()
    assert not owner.errors
    return owner.trail


def test_a_timer_fires_after_all_data_of_its_stamp() -> None:
    trail: list[Any] = []

    class Hub(Listener):
        def on_quote(self, _: Any) -> None:
            trail.append("quote")

    def start(s: Listener) -> None:
        s.subscribe_quotes(XNYS)
        alert(s, trail, "alert", 3)

    run([*QUIET[:2], *QUIET[1:2]], Hub(start)).dispose()
    assert trail == ["quote", "quote", "quote", ("alert", 3.0)]


def test_an_alert_of_the_same_name_replaces_the_first() -> None:
    trail: list[Any] = []

    def start(s: Listener) -> None:
        alert(s, trail, "wake", 4)
        alert(s, trail, "wake", 4.5)

    run(QUIET, Listener(start)).dispose()
    assert trail == [("wake", 4.5)]


def test_an_alert_can_be_armed_again_from_its_own_callback() -> None:
    fired: list[float] = []

    def wake(s: Listener, event: Any) -> None:
        fired.append(since(event.ts_event))
        if len(fired) < 3:
            s.k.set_time_alert_ns("wake", event.ts_event + 10**9, callback=lambda e: wake(s, e))

    run(
        QUIET, Listener(lambda s: s.k.set_time_alert_ns("wake", ns(4), callback=lambda e: wake(s, e)))
    ).dispose()
    assert fired == [4.0, 5.0, 6.0]


def test_cancelling_an_alert_that_is_not_there_is_no_error() -> None:
    trail: list[Any] = []

    def start(s: Listener) -> None:
        s.k.cancel_timer("nothing")
        alert(s, trail, "gone", 4)
        s.k.cancel_timer("gone")

    run(QUIET, Listener(start)).dispose()
    assert trail == []


def test_an_alert_at_now_from_a_timer_fires_before_the_venue_answers() -> None:
    """All timers due, newly armed ones too; only then the venues process what was sent."""

    def act(s: Any) -> None:
        s.ioc(BUY, 100, 100.02)
        alert(s, s.trail, "now")

    trail = trail_of((2, act))
    assert trail == ["Initialized", "Submitted", ("now", 2.0), "Accepted", "Filled 100@100.02"]


def test_an_alert_at_now_from_a_fill_fires_after_every_event_of_the_stamp() -> None:
    """What is sent from inside the fill's callback is answered before it."""

    class Twice(Owner):
        def on_order_event(self, event: Any) -> None:
            super().on_order_event(event)
            if short(event).startswith("Filled") and self.made == 1:
                alert(self, self.trail, "now")
                self.ioc(BUY, 50, 100.02)

    owner = Twice([(2, lambda s: s.ioc(BUY, 100, 100.02))])
    owner.trail = []
    run(QUIET, owner).dispose()
    assert owner.trail[-3:] == ["Accepted", "Filled 50@100.02", ("now", 2.0)]


def test_what_is_sent_from_a_data_callback_is_answered_before_the_next_datum_of_the_stamp() -> None:
    """An alert at now armed there fires at the end of the stamp, after all its data."""

    class Taker(Owner):
        def on_quote(self, event: Any) -> None:
            self.trail.append(f"quote {event.ask_size}")
            if event.ask_size == 400:
                alert(self, self.trail, "now")
                self.ioc(BUY, 100, 100.02)

        def on_start(self) -> None:
            super().on_start()
            self.subscribe_quotes(XNYS)

    owner = Taker()
    owner.trail = []
    run([QUIET[0], top(3, 100, 300, 100.02, 400), top(3, 100, 300, 100.02, 500)], owner).dispose()
    answers = ["Initialized", "Submitted", "Accepted", "Filled 100@100.02"]
    assert owner.trail == ["quote 300", "quote 400", *answers, "quote 500", ("now", 3.0)]


def test_timers_after_the_last_datum_need_an_end_of_the_run() -> None:
    acts = [(9.4, lambda s: s.trail.append("late"))]
    assert trail_of(*acts) == []
    assert trail_of(*acts, end=12) == ["late"]


def test_a_past_alert_fires_at_once_unless_forbidden() -> None:
    trail: list[Any] = []

    def act(s: Any) -> None:
        alert(s, trail, "past", 1.5)
        try:
            s.k.set_time_alert_ns("never", ns(1.5), allow_past=False)
        except ValueError:
            trail.append("refused")

    run(QUIET, Script([(2, act)])).dispose()
    assert trail == ["refused", ("past", 2.0)]


class TestLatency:
    """A delayed command runs at the next event or timer, after it, against the book that stands then."""

    moved = (QUIET[0], top(3, 100, 300, 100.04, 300), top(5, 100, 300, 100.04, 300))

    @staticmethod
    def take(s: Any) -> None:
        s.limit(BUY, 100, 100.05, TimeInForce.IOC)

    def test_without_a_timer_the_command_meets_the_next_book(self) -> None:
        owner = Script([(2, self.take)])
        run(self.moved, owner, latency_model=SLOW).dispose()
        assert owner.fills() == [(100, 100.04)]
        assert since(owner.events[-1].ts_event) == 3.0

    def test_with_an_alert_at_send_plus_latency_it_meets_the_standing_book(self) -> None:
        owner = Script([(2, self.take), (2.5, lambda _: None)])
        run(self.moved, owner, latency_model=SLOW).dispose()
        assert owner.fills() == [(100, 100.02)]
        assert since(owner.events[-1].ts_event) == 2.5

    def test_a_command_in_flight_at_the_end_is_never_answered(self) -> None:
        assert trail_of((8.9, self.take), latency_model=SLOW) == ["Initialized", "Submitted"]


def test_topics_carry_python_objects_between_all_parts_at_once() -> None:
    """Synchronous and nested: the reply is in before the publisher's next line; higher priority first."""
    trail: list[Any] = []

    def answer(s: Listener) -> None:
        def reply(message: Any) -> None:
            trail.append("actor")
            s.publish_message("answer", message)

        s.subscribe_topic("question", reply)

    class Asked(Script):
        def on_start(self) -> None:
            super().on_start()
            self.subscribe_topic("question", lambda _: trail.append("strategy"), priority=10)

    def ask(p: Probe, _: Any) -> None:
        p.subscribe_topic("answer", trail.append)
        p.publish_message("question", {"legs": [1, 2]})
        trail.append("published")

    owner = Asked([(2, lambda s: s.market(BUY, 500, algo="PROBE"))])
    run(QUIET, owner, Probe(ask), Listener(answer)).dispose()
    assert trail == ["strategy", "actor", {"legs": [1, 2]}, "published"]


def test_a_topic_may_be_a_pattern_and_the_engines_own_traffic_is_on_none() -> None:
    trail: list[Any] = []

    def start(s: Listener) -> None:
        for pattern in ("exec.rec.*", "data.*", "events.*"):
            s.subscribe_topic(pattern, trail.append)

    def act(s: Any) -> None:
        s.publish_message("exec.rec.fill", "record")
        s.ioc(BUY, 1, 100.02)

    run(QUIET, Script([(2, act)]), Listener(start)).dispose()
    assert trail == ["record"]


def test_exceptions_in_callbacks_are_swallowed_and_the_run_goes_on() -> None:
    trail: list[Any] = []

    class Broken(Listener):
        def on_quote(self, _: Any) -> None:
            trail.append("quote")
            raise ValueError("in on_quote")

        def handle(self, _: Any) -> None:
            raise ValueError("in a topic handler")

    def start(s: Any) -> None:
        s.subscribe_quotes(XNYS)
        s.subscribe_topic("t", s.handle)

    def act(s: Any) -> None:
        s.publish_message("t", 1)
        trail.append("published")

    run(QUIET, Script([(2, act)]), Broken(start)).dispose()
    assert trail == ["quote", "published", "quote", "quote", "quote"]


def test_the_cache_has_quotes_and_trades_that_nobody_subscribed_to() -> None:
    seen: list[str] = []
    run(QUIET, Script([(4, lambda s: seen.append(str(s.c.quote(XNYS).ask_price)))])).dispose()
    assert seen == ["100.02"]


def test_the_cache_has_no_book_unless_somebody_subscribed_to_it() -> None:
    seen: list[Any] = []
    run(QUIET, Script([(4, lambda s: seen.append(s.c.order_book(XNYS)))])).dispose()
    assert seen == [None]


def test_quotes_come_only_for_the_instruments_and_the_time_subscribed() -> None:
    got: list[tuple[str, float]] = []

    class Hub(Listener):
        def on_quote(self, event: Any) -> None:
            got.append((event.instrument_id.venue.value, since(event.ts_init)))

    def start(s: Listener) -> None:
        s.k.set_time_alert_ns("on", ns(2), callback=lambda _: s.subscribe_quotes(XNYS))
        s.k.set_time_alert_ns("off", ns(4), callback=lambda _: s.unsubscribe_quotes(XNYS))

    data = [x for t in (1, 3, 5) for i in (XNYS, XNAS) for x in top(t, 100, 300, 100.02, 300, i)]
    run(data, Hub(start), instruments=(XNYS, XNAS)).dispose()
    assert got == [("XNYS", 3.0)]


def test_a_quote_of_size_zero_reaches_the_cache() -> None:
    seen: list[int] = []
    data = [QUIET[0], quote(2, 100, 300, 100.02, 0), QUIET[2]]
    run(data, Script([(3, lambda s: seen.append(int(s.c.quote(XNYS).ask_size.as_double())))])).dispose()
    assert seen == [0]
