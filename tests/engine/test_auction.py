"""Market on close through an engine: the official price, the share of the print, and nothing after the cut-off."""

from typing import Any

import polars as pl
import pytest
from nautilus_trader.execution import StaticLatencyModel

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.auctions import refuse_auction
from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.messages import AmendParent, Command
from nautilus_exec.nautilus.reports import PrintReplay
from nautilus_exec.policies.close import Moc
from nautilus_exec.policies.params import Session
from nautilus_exec.tca.records import FillRecord
from nautilus_exec.units import SECOND
from tests.books import BUY, SELL, ns, top
from tests.builders import T0, prepared
from tests.engine.shell import flat
from tests.parts import Script

CLOSE, PRINT_AT, OFFICIAL, VOLUME = 100, 107.5, 100.04, 4_000
"""22:15:00 UTC is 100 s after T0; the official print comes 7.5 s later."""
HOURS = {"calendars": {"ABC.XNYS": "22:00-22:15 UTC"}}
ORDER = {"cutoff": "30s", "auction_volume": "5000"}
"""Ours is 60 s before the close, at 40 s; a tenth of the forecast is 500."""


def tape(hold: float = 1.0, printed: bool = True) -> list[Any]:
    """A flat day at 100.00 / 100.02, the auction's locked book, and the book of before ``hold`` later."""
    locked = [top(PRINT_AT, OFFICIAL, VOLUME, OFFICIAL, VOLUME)] if printed else []
    return [
        *flat(CLOSE),
        *locked,
        top(PRINT_AT + hold, 100.0, 900, 100.02, 900),
        top(900, 100.0, 7, 100.02, 7),
    ]


def prints(size: int = VOLUME, condition: str = "6", price: float = OFFICIAL) -> PrintReplay:
    row = {
        "instrument": "ABC.XNYS",
        "price": price,
        "size": float(size),
        "print_class": "auction",
        "condition": condition,
        "ts": ns(PRINT_AT),
    }
    return PrintReplay("ABC", pl.DataFrame([row]))


def moc(side: Any = BUY, size: int = 400, limit: float | None = None, **params: str) -> Any:
    given = ORDER | params

    def act(s: Script) -> None:
        if limit is None:
            s.market(side, size, algo="MOC", params=given, oid="P")
        else:
            s.limit(side, size, limit, algo="MOC", params=given, oid="P")

    return act


@pytest.fixture
def closes(play):
    """Play an order for the close; returns the story."""

    def one(*acts: Any, report: PrintReplay | None = None, data: list[Any] | None = None, **more: Any) -> Any:
        return play(data or tape(), acts, *([report] if report else []), end=1_000, **(HOURS | more))

    return one


def filled(story: Any) -> list[tuple[int, float, int]]:
    """Size, price and stamp of every fill."""
    fills: list[FillRecord] = story.fills()
    return [(f.lots, round(f.price_ticks * f.tick, 4), f.ts_event) for f in fills]


@pytest.mark.parametrize("side", [BUY, SELL])
def test_it_fills_at_the_official_print_and_its_instant(closes, side):
    story = closes((1, moc(side)), report=prints())
    assert filled(story) == [(400, OFFICIAL, ns(PRINT_AT))]
    assert (story.result().status, story.result().reason) == ("DONE", "filled")
    assert story.told()[-1] == "Canceled"


def test_no_spread_is_told_of_an_auction(closes):
    (fill,) = closes((1, moc()), report=prints()).fills()
    assert (fill.bid, fill.ask) == (None, None)


def test_nothing_reaches_the_venue_before_the_print(closes):
    story = closes((1, moc()), report=prints())
    (child,) = story.children()
    assert child.sent_ns == ns(1)
    assert [o.ts_init for o in story.sent] == [ns(PRINT_AT)]


def test_the_share_of_the_forecast_is_the_most_that_is_entered(closes):
    story = closes((1, moc(size=900)), report=prints(9_000))
    assert [child.lots for child in story.children()] == [500]
    assert [lots for lots, _, _ in filled(story)] == [500]
    assert (story.result().status, story.result().remainder) == ("EXPIRED", 400)


def test_the_share_of_the_print_is_the_most_that_fills(closes):
    """2,000 printed: a tenth is 200, though the forecast let 400 in."""
    story = closes((1, moc()), report=prints(2_000))
    assert [lots for lots, _, _ in filled(story)] == [200]
    (child,) = story.children()
    assert (child.status, child.reason, child.lots, child.filled) == ("expired", "auction_share", 400, 200)
    assert (story.result().status, story.result().remainder) == ("EXPIRED", 200)


def test_a_print_too_small_for_one_share_fills_nothing(closes):
    story = closes((1, moc()), report=prints(9))
    assert filled(story) == []
    assert story.children()[0].reason == "auction_share"


@pytest.mark.parametrize(("side", "limit"), [(BUY, 100.03), (SELL, 100.05)])
def test_a_limit_that_the_official_price_passes_fills_nothing(closes, side, limit):
    story = closes((1, moc(side, limit=limit)), report=prints())
    assert filled(story) == []
    assert story.children()[0].reason == "auction_limit"
    assert story.result().status == "EXPIRED"


def test_a_limit_at_the_official_price_fills(closes):
    assert filled(closes((1, moc(limit=OFFICIAL)), report=prints())) == [(400, OFFICIAL, ns(PRINT_AT))]


def test_a_late_order_is_refused(closes):
    story = closes((40, moc()), report=prints())
    assert story.result().status == "DENIED"
    assert "cut-off" in story.result().reason


def test_an_opening_print_is_no_close(closes):
    story = closes((1, moc()), report=prints(condition="O"))
    assert filled(story) == []


def test_without_a_print_the_order_ends_ten_minutes_after_the_close(closes):
    story = closes((1, moc()), data=tape(printed=False))
    assert (story.result().status, story.result().reason) == ("EXPIRED", "end_time")
    assert story.result().ended_ns == ns(CLOSE + 600)


def say(topic: str) -> Any:
    return lambda s: s.publish_message(topic, Command("P"))


def test_a_cancel_before_the_cut_off_takes_it_back(closes):
    story = closes((1, moc()), (39, say(topics.CANCEL)), report=prints())
    assert (story.result().status, story.result().ended_ns) == ("CANCELLED", ns(39))


def test_a_cancel_after_the_cut_off_waits_for_the_auction(closes):
    story = closes((1, moc(size=300)), (41, say(topics.CANCEL)), report=prints(2_000))
    assert story.replies[0].text == "CANCELLING, 300 lots pending until the auction"
    assert [lots for lots, _, _ in filled(story)] == [200]
    assert (story.result().status, story.result().remainder) == ("CANCELLED", 100)


def test_a_pause_after_the_cut_off_waits_too(closes):
    story = closes((1, moc()), (41, say(topics.PAUSE)), report=prints())
    assert story.replies[0].text == "PAUSED, 400 lots pending until the auction"
    assert story.result().status == "DONE"


def test_a_pause_before_it_takes_the_order_out_and_resume_puts_it_in(closes):
    story = closes((1, moc()), (10, say(topics.PAUSE)), (20, say(topics.RESUME)), report=prints())
    assert [child.status for child in story.children()] == ["cancelled", "filled"]
    assert story.result().status == "DONE"


def amend(s: Script) -> None:
    s.publish_message(topics.AMEND, AmendParent("P", {"quantity": "200"}))


def test_an_amend_after_the_cut_off_is_refused(closes):
    story = closes((1, moc()), (41, amend), report=prints())
    assert not story.replies[0].ok
    assert "cut-off" in story.replies[0].text
    assert story.result().filled == 400


def test_an_amend_before_it_changes_the_order(closes):
    assert closes((1, moc()), (39, amend), report=prints()).result().filled == 200


def test_a_late_print_finds_the_order_through_the_venues_latency(closes):
    """Half a second on the way: the locked book stands for one."""
    venue = {"latency_model": StaticLatencyModel(base_latency_nanos=500_000_000)}
    story = closes((1, moc()), report=prints(), venue=venue, latency_ns=500_000_000)
    assert filled(story) == [(400, OFFICIAL, ns(PRINT_AT + 0.5))]


def test_two_parents_share_one_print(closes):
    def both(s: Script) -> None:
        for name in ("P", "Q"):
            s.market(BUY, 3_000, algo="MOC", params=ORDER | {"max_auction_share": "1"}, oid=name)

    story = closes((1, both), report=prints())
    assert sorted(f.lots for name in "PQ" for f in story.fills(name)) == [1_000, 3_000]


def test_what_is_worked_before_and_what_the_auction_gets_add_up(closes):
    """1,100: 600 beyond the auction's 500 are worked in the 39 s before our cut-off."""
    story = closes((1, moc(size=1_100, mode="target_close", slices="3")), report=prints(9_000))
    before = [f for f in filled(story) if f[2] < ns(40)]
    assert sum(lots for lots, _, _ in before) == 600
    assert filled(story)[-1] == (500, OFFICIAL, ns(PRINT_AT))
    assert story.result().status == "DONE"


def test_other_algorithms_do_nothing_in_the_auctions_book(closes):
    """A TWAP whose slice falls into the locked second holds back, and says why."""

    def twap(s: Script) -> None:
        params = {"end_time": "2023-11-14T22:16:00+00:00", "slices": "1"}
        s.market(BUY, 300, algo="TWAP", params=params, oid="P")

    hours = {"calendars": {"ABC.XNYS": "22:00-22:20 UTC"}}
    story = closes((108, twap), report=prints(), **hours)
    assert story.decisions()[0].held == "locked"
    assert {price for _, price, _ in filled(story)} == {100.02}


@pytest.mark.parametrize(("limit", "kind"), [(None, "MARKET"), (100.05, "LIMIT")])
def test_where_the_venue_takes_them_the_order_goes_there_for_its_close(closes, limit, kind):
    """The simulated venue does not, and says so: nothing is kept here."""
    story = closes((1, moc(limit=limit)), report=prints(), native_auctions=["XNYS"])
    (order,) = story.sent
    assert (order.order_type.name, order.time_in_force.name) == (kind, "AT_THE_CLOSE")
    assert story.children()[0].sent_ns == ns(1)
    assert (story.result().status, story.result().filled) == ("FAILED", 0)
    assert "AT_THE_CLOSE" in story.result().reason


def test_a_live_venue_without_auction_orders_is_refused_at_entry():
    made = prepared(Moc, {"cutoff": "30s", "auction_volume": "9000"}, session=Session(T0, T0 + 300 * SECOND))
    refuse_auction(made, RunConfig(mode="paper"))
    refuse_auction(made, RunConfig(mode="live", native_auctions=["XNYS"]))
    with pytest.raises(InvalidInput, match="native_auctions"):
        refuse_auction(made, RunConfig(mode="live"))
