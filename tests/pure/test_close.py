"""Market on close: the contract, the cut-off, the share and what is worked before, by hand."""

from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from nautilus_exec.core.events import Kind
from nautilus_exec.core.intent import Intent, PriceRule, Quote
from nautilus_exec.core.life import Status
from nautilus_exec.core.plan import Cancel, Send
from nautilus_exec.core.spec import Auction, Spec
from nautilus_exec.curves.volume_profile import VolumeProfile
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.close import Closing, Moc, forecast
from nautilus_exec.policies.cutoffs import CUTOFFS, cutoff_before_close
from nautilus_exec.policies.params import Session
from nautilus_exec.units import DAY, HOUR, MINUTE, SECOND, Side
from tests.builders import T0, Desk, facts, fill, ledger, market, outcome, prepared, says, sent, venue
from tests.contract import PolicyContract

CLOSE = T0 + 300 * SECOND
SHORT = Session(T0 - HOUR, CLOSE)
"""A session that closes 300 s after T0."""


class TestContract(PolicyContract):
    """The last 210 s before our cut-off at 270 s work 800; 200 are for the auction, a tenth of 2,000."""

    @pytest.fixture
    def policy(self) -> type[Policy]:
        return Moc

    @pytest.fixture
    def given(self) -> dict[str, str]:
        return {"mode": "target_close", "cutoff": "10s", "auction_volume": "2000", "slices": "3"}

    @pytest.fixture
    def known(self) -> dict[str, Any]:
        return {"session": SHORT}


def closing(params: dict[str, str] | None = None, **over: Any) -> Spec:
    """Auction only, cut-off 100 s and so ours 130 s before the close, the auction forecast at 20,000."""
    text = {"cutoff": "100s", "auction_volume": "20000"} | (params or {})
    return prepared(Moc, text, **({"session": SHORT} | over))


def auction_of(spec: Spec) -> Auction:
    return cast(Auction, spec.auction)


def decide(spec: Spec, second: float, *events: Any) -> Intent:
    now = T0 + int(second * SECOND)
    return Moc.decide(spec, ledger(*events), market(now), now)


def whole(lots: int) -> Quote:
    return Quote("auction", lots, PriceRule.AUCTION)


class TestCutoff:
    def test_ours_is_30_s_before_the_venues(self):
        assert auction_of(closing()).cutoff_ns == CLOSE - 130 * SECOND
        assert auction_of(closing()).until_ns == CLOSE + 10 * MINUTE

    def test_a_late_order_is_refused(self):
        for late in (170, 200, 299):
            with pytest.raises(
                InvalidInput, match=r"start_time: .now.; expected an instant before our cut-off"
            ):
                closing(received_ns=T0 + late * SECOND)
        assert closing(received_ns=T0 + 169 * SECOND).start_ns == T0 + 169 * SECOND

    def test_a_late_start_is_refused(self):
        with pytest.raises(InvalidInput, match=r"start_time: .09:33"):
            closing({"start_time": "09:33"}, zone="America/New_York")

    def test_new_york_in_2018_and_now(self):
        """15:45 on 2 January 2018 (SR-NYSE-2018-58 moved it), 15:50 in 2025."""
        old = int(datetime(2018, 1, 2, 21, tzinfo=UTC).timestamp()) * SECOND
        new = int(datetime(2025, 6, 13, 20, tzinfo=UTC).timestamp()) * SECOND
        assert cutoff_before_close("XNYS", old) == 15 * MINUTE
        assert cutoff_before_close("XNYS", new) == 10 * MINUTE
        assert cutoff_before_close("XNAS", old) == 10 * MINUTE
        assert cutoff_before_close("XNAS", new) == 5 * MINUTE
        assert cutoff_before_close("XNYS", old - 20 * 365 * DAY) is None
        assert cutoff_before_close("XLON", new) is None

    def test_every_row_has_a_source_and_rows_rise(self):
        for rows in CUTOFFS.values():
            assert [row.valid_from for row in rows] == sorted(row.valid_from for row in rows)
            assert all(row.source for row in rows)
            assert all(row.valid_from > date(2000, 1, 1) for row in rows)

    def test_half_days_move_with_the_close(self):
        """3 July 2018 closes at 13:00 in New York: the cut-off is 12:45, ours 12:44:30."""
        noon = int(datetime(2018, 7, 3, 14, tzinfo=UTC).timestamp()) * SECOND
        half = Session(noon - HOUR, noon + 3 * HOUR)
        made = Moc.prepare(
            Moc.Params(auction_volume=20_000), facts(received_ns=noon, session=half, zone="America/New_York")
        )
        assert auction_of(made).cutoff_ns == half.close_ns - 15 * MINUTE - 30 * SECOND

    def test_a_venue_that_the_table_does_not_know_needs_one(self):
        with pytest.raises(InvalidInput, match=r"cutoff: .*; expected how long before the close XOFF"):
            prepared(Moc, {"auction_volume": "9"}, session=SHORT, venues=(venue("XOFF"),))

    def test_without_a_close_there_is_no_order_for_it(self):
        with pytest.raises(InvalidInput, match="calendar"):
            closing(session=None)

    def test_an_end_before_the_cut_off_is_refused(self):
        with pytest.raises(
            InvalidInput, match=r"duration: .100s.; expected none, or an end after the cut-off"
        ):
            closing({"duration": "100s"})


class TestShare:
    def test_a_tenth_of_the_forecast_where_nothing_is_said(self):
        assert auction_of(closing({"auction_volume": "5000"})).max_lots == 500
        assert auction_of(closing({"auction_volume": "5009"})).max_lots == 500
        assert auction_of(closing({"auction_volume": "5000", "max_auction_share": "0.02"})).max_lots == 100

    def test_never_more_than_the_parent(self):
        assert auction_of(closing()).max_lots == 1_000

    def test_in_whole_lots_of_the_venue(self):
        made = closing({"auction_volume": "5500"}, venues=(venue(lot=100, min_lots=100),))
        assert auction_of(made).max_lots == 500

    def test_a_share_below_the_whole_needs_a_forecast(self):
        with pytest.raises(InvalidInput, match="auction_volume"):
            prepared(Moc, {"cutoff": "60s"}, session=SHORT)
        made = prepared(Moc, {"cutoff": "60s", "max_auction_share": "1"}, session=SHORT)
        assert (auction_of(made).max_lots, auction_of(made).max_share) == (1_000, 1.0)

    def test_from_a_profile_of_earlier_days(self):
        """Continuous 60,000 is three quarters less the opening's 5 %: the day is 80,000, the close a fifth, 16,000."""
        assert forecast(profile()) == pytest.approx(16_000)
        made = prepared(
            Moc, {"cutoff": "60s", "profile": "p"}, session=SHORT, profile=profile(), quantity=5_000
        )
        assert auction_of(made).max_lots == 1_600

    @pytest.mark.parametrize(
        "over",
        [{"day_volume": None}, {"closing_share": None}, {"closing_share": 0.0}, {"closing_share": 0.96}],
    )
    def test_a_profile_that_cannot_tell_is_refused(self, over):
        with pytest.raises(InvalidInput, match="profile"):
            forecast(profile(**over))

    def test_two_forecasts_are_refused(self):
        with pytest.raises(InvalidInput, match="profile"):
            closing({"profile": "p"}, profile=profile())

    def test_a_share_without_an_order_is_refused(self):
        with pytest.raises(InvalidInput, match="max_auction_share"):
            closing({"auction_volume": "9"})


def profile(**over: Any) -> VolumeProfile:
    given: dict[str, Any] = {
        "edges_ns": (0, DAY),
        "fractions": (1.0,),
        "name": "p",
        "source": "by hand",
        "day_volume": 60_000.0,
        "opening_share": 0.05,
        "closing_share": 0.2,
    }
    return VolumeProfile(**(given | over))


class TestAuctionOnly:
    def test_the_order_is_in_the_auction_from_the_start(self):
        intent = decide(closing(), 0)
        assert intent.quotes == (whole(1_000),)
        assert intent.wake_ns == T0 + 168 * SECOND

    def test_what_the_share_does_not_allow_is_not_sent(self):
        assert decide(closing({"auction_volume": "5000"}), 100).quotes == (whole(500),)
        assert decide(closing({"auction_volume": "5000"}), 169).quotes == (whole(500),)

    def test_from_the_cut_off_on_it_waits(self):
        intent = decide(closing(), 170, sent(lots=1_000, key="auction", auction=True), says(Kind.ACCEPTED))
        assert (intent.quotes, intent.wake_ns, intent.planned) == ((), CLOSE, 1_000)

    @pytest.mark.parametrize("params", [{"continuous_share": "0.5"}, {"end_behavior": "complete_hard"}])
    def test_what_belongs_to_the_other_mode_is_refused(self, params):
        with pytest.raises(InvalidInput, match=next(iter(params))):
            closing(params)


class TestTargetClose:
    def test_what_the_share_does_not_allow_is_worked_before(self):
        made = closing({"mode": "target_close", "auction_volume": "4000", "slices": "3"})
        parts = cast(Closing, made.params)
        assert parts.continuous == 600
        assert parts.schedule is not None
        assert parts.schedule.due == (200, 400, 600)
        assert parts.schedule.edges[-1] == CLOSE - 130 * SECOND
        intent = decide(made, 1)
        assert [(q.key, q.lots) for q in intent.quotes] == [("t0.0", 200), ("auction", 400)]
        assert intent.planned == 600

    def test_a_part_can_be_asked_for(self):
        made = closing({"mode": "target_close", "continuous_share": "0.3"})
        assert cast(Closing, made.params).continuous == 300
        assert decide(made, 1).quotes[-1] == whole(700)

    def test_it_begins_only_so_long_before_the_cut_off(self):
        made = closing({"mode": "target_close", "continuous_share": "0.3", "work_before": "60s"})
        assert cast(Closing, made.params).schedule is not None
        early = decide(made, 100)
        assert early.quotes == (whole(700),)
        assert early.wake_ns == T0 + 110 * SECOND
        assert len(decide(made, 111).quotes) == 2

    def test_at_the_cut_off_what_is_behind_goes_to_the_auction(self):
        made = closing({"mode": "target_close", "continuous_share": "0.3"})
        behind = (fill(lots=100),)
        intent = decide(made, 168, sent(lots=100, key="t0.0", take=True), *behind)
        assert intent.quotes == (whole(900),)

    def test_lots_still_at_a_venue_wait_for_their_confirm(self):
        made = closing({"mode": "target_close", "continuous_share": "0.3"})
        assert decide(made, 168, sent(lots=100)).quotes == (whole(900),)

    def test_what_the_auction_cannot_bear_is_worked_until_the_close(self):
        """400 are in the auction and 500 of 600 done: from the cut-off on 100 are taken, and 400 are not touched."""
        made = closing({"mode": "target_close", "auction_volume": "4000", "slices": "3"})
        out = (sent("C9", lots=400, key="auction", auction=True), says(Kind.ACCEPTED, "C9"))
        done = (sent(lots=500, key="t0.0", take=True), fill(lots=500))
        intent = decide(made, 180, *out, *done)
        assert [(q.lots, q.take) for q in intent.quotes] == [(100, True)]

    def test_everything_in_the_auction_where_there_is_room(self):
        made = closing({"mode": "target_close"})
        assert cast(Closing, made.params).schedule is None
        assert decide(made, 1).quotes == (whole(1_000),)


class TestLife:
    def desk(self, **over: Any) -> Desk:
        """A desk whose order is in the auction."""
        made = Desk(closing(**over), Moc)
        made.at(0)
        made.hears(0, Kind.ACCEPTED)
        return made

    def test_a_parent_whose_auction_fills_it_is_done_after_its_end(self):
        desk = self.desk()
        assert desk.at(300).wake_ns == CLOSE + 10 * MINUTE
        desk.fill(307, 1_000)
        desk.at(307)
        assert outcome(desk) == (Status.DONE, "filled")

    def test_without_a_print_it_expires_ten_minutes_after_the_close(self):
        desk = self.desk()
        assert desk.at(300).orders == desk.at(899).orders == []
        (order,) = desk.at(900).orders
        assert isinstance(order.action, Cancel)
        desk.hears(900, Kind.CANCELLED)
        desk.at(901)
        assert outcome(desk) == (Status.EXPIRED, "end_time")

    @pytest.mark.parametrize("kind", [Kind.CANCEL, Kind.PAUSE])
    def test_a_command_after_the_cut_off_waits_for_the_auction(self, kind):
        desk = self.desk()
        desk.told(175, kind)
        assert desk.at(175).orders == []
        assert desk.ledger.auction_out == 1_000

    @pytest.mark.parametrize("kind", [Kind.CANCEL, Kind.PAUSE])
    def test_a_command_before_it_takes_the_order_back(self, kind):
        desk = self.desk()
        desk.told(160, kind)
        assert [type(order.action) for order in desk.at(160).orders] == [Cancel]

    def test_a_limit_is_the_auctions_limit(self):
        (order,) = Desk(closing({"limit_price": "99.50"}, side=Side.SELL), Moc).at(0).orders
        assert isinstance(order.action, Send)
        assert order.action.price_ticks == 9_950


def test_where_everything_is_done_before_nothing_is_left_for_the_auction():
    made = closing({"mode": "target_close", "continuous_share": "1"})
    assert [quote.key for quote in decide(made, 1).quotes] == ["t0.0"]
    assert decide(made, 168, sent(lots=1_000, key="t0.0", take=True), fill(lots=1_000)).quotes == ()
