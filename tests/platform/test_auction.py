"""An auction as data: a locked one-level book at the print's instant, then the normal book, and what fills in it."""

from collections.abc import Callable
from typing import Any

import pytest
from nautilus_trader.common import DataActor
from nautilus_trader.execution import StaticLatencyModel
from nautilus_trader.model import InstrumentClose, InstrumentCloseType

from tests.books import BUY, SELL, XNYS, Listener, Script, deltas, ns, px, quote, run, top

PRINT, SIZE, NANO = 100.04, 5_000, 1e-9
"""The official price lies above the ask of 100.02 that stood before."""


def auction(hold: float = NANO) -> list[Any]:
    """Normal quotes, the locked book with its quote and the close at 3 s, and the normal book ``hold`` later."""
    close = InstrumentClose(XNYS, px(PRINT), InstrumentCloseType.END_OF_SESSION, ns(3), ns(3))
    locked = top(3, PRINT, SIZE, PRINT, SIZE)
    return [
        top(1, 100, 300, 100.02, 300),
        locked,
        close,
        top(3 + hold, 100, 300, 100.02, 310),
        top(6, 100, 1, 100.02, 1),
    ]


def fills(
    *acts: tuple[float, Callable[[Script], Any]], hold: float = NANO, **venue: Any
) -> list[tuple[int, float]]:
    owner = Script(acts)
    run(auction(hold), owner, end=10, **venue).dispose()
    assert not owner.errors
    return owner.fills()


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_taker_at_the_prints_instant_gets_the_official_price_up_to_the_prints_size(side: Any) -> None:
    """A timer at the stamp fires after all its data; what it sends is matched before the next nanosecond's book."""
    assert fills((3, lambda s: s.ioc(side, 400, PRINT))) == [(400, PRINT)]
    assert fills((3, lambda s: s.ioc(side, 9_000, PRINT))) == [(SIZE, PRINT)]


def test_two_takers_share_the_print() -> None:
    assert fills((3, lambda s: s.ioc(BUY, 4_000, PRINT)), (3, lambda s: s.ioc(BUY, 4_000, PRINT))) == [
        (4_000, PRINT),
        (1_000, PRINT),
    ]


def test_a_better_limit_still_pays_the_official_price() -> None:
    assert fills((3, lambda s: s.ioc(BUY, 400, 101))) == [(400, PRINT)]


def test_a_limit_that_the_auction_does_not_meet_fills_nothing() -> None:
    assert fills((3, lambda s: s.ioc(BUY, 400, 100.03))) == []
    assert fills((3, lambda s: s.ioc(SELL, 400, 100.05))) == []


def test_a_nanosecond_later_the_normal_book_stands() -> None:
    assert fills((3 + NANO, lambda s: s.ioc(BUY, 400, PRINT))) == [(310, 100.02)]


def test_a_resting_order_at_the_price_joins_and_one_beyond_it_is_left_alone() -> None:
    """A sell resting at 100.04 is met by the locked bid; one at 100.05 is not; a bid at 100.00 is not."""
    assert fills((2, lambda s: s.limit(SELL, 200, PRINT))) == [(200, PRINT)]
    assert fills((2, lambda s: s.limit(SELL, 200, 100.05))) == []
    assert fills((2, lambda s: s.limit(BUY, 200, 100.00))) == []


def delay(seconds: float) -> dict[str, Any]:
    return {"latency_model": StaticLatencyModel(base_latency_nanos=round(seconds * 1e9))}


def wake(script: Script, at: float) -> None:
    script.k.set_time_alert_ns("arrival", ns(at), callback=lambda _: None)


def test_with_latency_the_book_must_be_held_for_longer_than_the_latency() -> None:
    def late(s: Script) -> None:
        wake(s, 3.5)
        s.ioc(BUY, 400, PRINT)

    assert fills((3, late), hold=1, **delay(0.5)) == [(400, PRINT)]
    # A nanosecond was too short: the order meets the normal book, at its price and size.
    assert fills((3, late), hold=NANO, **delay(0.5)) == [(310, 100.02)]


def test_without_the_locked_quote_the_locked_book_still_fills() -> None:
    """The book matches, the quote only informs: whoever prices from the quote must be told by it that it is locked."""
    owner = Script([(3, lambda s: s.ioc(BUY, 400, PRINT))])
    data = [top(1, 100, 300, 100.02, 300), deltas(3, PRINT, SIZE, PRINT, SIZE), top(4, 100, 300, 100.02, 310)]
    run(data, owner, end=10).dispose()
    assert owner.fills() == [(400, PRINT)]


def test_an_instrument_without_quotes_can_have_its_auction() -> None:
    """One locked book, then a book without sides: nothing fills after."""
    owner = Script([(t, lambda s: s.ioc(BUY, 400, PRINT)) for t in (3, 4)])
    run(
        [deltas(3, PRINT, SIZE, PRINT, SIZE), deltas(3 + NANO, 0, 0, 0, 0), quote(5, PRINT, 0, PRINT, 0)],
        owner,
        end=10,
    ).dispose()
    assert owner.fills() == [(400, PRINT)]


def test_the_close_is_told_inside_the_data_of_its_stamp() -> None:
    """An alert at now, armed there, fires when all data of the stamp is in."""
    told: list[Any] = []

    class Hears(Listener):
        def on_instrument_close(self, close: Any) -> None:
            told.append(("close", self.k.timestamp_ns()))
            self.k.set_time_alert_ns(
                "then",
                self.k.timestamp_ns(),
                callback=lambda _: told.append(("alert", self.k.timestamp_ns())),
            )

        def on_quote(self, tick: Any) -> None:
            told.append(("quote", tick.ts_event))

    def subscribe(actor: DataActor) -> None:
        actor.subscribe_instrument_close(XNYS)
        actor.subscribe_quotes(XNYS)

    run(auction(), Hears(subscribe), end=10).dispose()
    assert told == [
        ("quote", ns(1)),
        ("quote", ns(3)),
        ("close", ns(3)),
        ("alert", ns(3)),
        ("quote", ns(3) + 1),
        ("quote", ns(6)),
    ]
