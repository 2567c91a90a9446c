"""Children of an auction: reserved from the cut-off on, beside the continuous part, outside the participation cap."""

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.intent import Intent, PriceRule, Quote
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.plan import Cancel, Facts, Plan, Send, plan
from nautilus_exec.core.spec import Auction, Spec
from nautilus_exec.units import SECOND, Side
from tests.builders import HERE, T0, ledger, market, says, sent, spec, tape_of, venue

CUTOFF, UNTIL = T0 + 200 * SECOND, T0 + 900 * SECOND
CLOSE = Auction(CUTOFF, UNTIL, max_lots=600)
WANTED = Quote("auction", 600, PriceRule.AUCTION)
WAITING = sent(lots=600, key="auction", price_ticks=0, auction=True)


def planned(
    *quotes: Quote, of: Ledger | None = None, at: int = 0, known: bool = True, **over: object
) -> Plan:
    now = T0 + at * SECOND
    made: Spec = spec(**({"auction": CLOSE} | over))
    view = market(now) if known else market(now, XNYS=None, XNAS=None)
    return plan(Intent(quotes), Facts(made, of or ledger(), view, Limits(), Throttle(), now))


def test_it_is_sent_without_a_quote_and_asks_no_price():
    send = Send("auction", HERE, "IBM.XNYS", 600, 0, False, False, 0, auction=True)
    assert planned(WANTED).actions == [send]
    assert planned(WANTED, known=False).actions == [send]


def test_its_price_is_the_parents_limit():
    (send,) = planned(WANTED, limit_ticks=9_000, side=Side.SELL).actions
    assert isinstance(send, Send)
    assert send.price_ticks == 9_000


def test_from_the_cut_off_on_nothing_enters():
    assert planned(WANTED, at=199).actions
    assert planned(WANTED, at=200).actions == []
    assert planned(WANTED, at=200).held == "auction_cutoff"


def test_without_an_auction_there_is_none():
    assert planned(WANTED, auction=None).held == "no_auction"


def test_it_is_one_order_outside_the_cap():
    """Neither the largest child nor the participation cap, which has no volume to allow anything, cuts it."""
    (send,) = planned(WANTED, max_child=100, max_participation=0.1).actions
    assert isinstance(send, Send)
    assert (send.lots, send.over_cap) == (600, 0)
    (send,) = planned(WANTED, venues=(venue(max_lots=250),)).actions
    assert isinstance(send, Send)
    assert send.lots == 250


def test_before_the_cut_off_it_can_be_taken_back():
    of = ledger(WAITING, says(Kind.ACCEPTED))
    assert planned(of=of, at=199).actions == [Cancel("C1")]


def test_from_the_cut_off_to_the_print_it_cannot():
    of = ledger(WAITING, says(Kind.ACCEPTED))
    made = planned(of=of, at=200)
    assert (made.actions, made.wake_ns) == ([], UNTIL)
    assert planned(of=of, at=899).actions == []
    assert planned(of=of, at=900).actions == [Cancel("C1")]


def test_a_silent_one_is_left_alone_too():
    of = ledger(WAITING, says(Kind.SILENT))
    assert planned(of=of, at=300).actions == []
    assert planned(of=of, at=199).actions == [Cancel("C1")]


def test_its_lots_are_reserved():
    """600 of 1,000 are in the auction: the continuous part can be 400 and no more."""
    of = ledger(WAITING, says(Kind.ACCEPTED))
    assert (of.auction_out, of.resting_out, of.unplanned) == (600, 0, 400)
    (send,) = planned(Quote("t0", 900, PriceRule.CROSS, take=True), of=of, at=250).actions
    assert isinstance(send, Send)
    assert send.lots == 400


def test_its_lots_take_no_room_of_the_continuous_cap():
    of = ledger(WAITING, says(Kind.ACCEPTED))
    now = T0 + 250 * SECOND
    made = spec(auction=CLOSE, max_participation=0.1)
    view = market(now, tape=tape_of((T0 + SECOND, 900)))
    intent = Intent((Quote("t0", 400, PriceRule.CROSS, take=True),))
    (send,) = plan(intent, Facts(made, of, view, Limits(), Throttle(), now)).actions
    assert isinstance(send, Send)
    assert send.lots == 101  # a tenth of the volume is 0.1/0.9 x 900 = 100 beside 900, and one lot


def test_a_smaller_wish_takes_the_order_back_never_amends_it():
    of = ledger(WAITING, says(Kind.ACCEPTED))
    made = planned(WANTED._replace(lots=500), of=of, at=100, venues=(venue(can_amend=True),))
    assert made.actions == [Cancel("C1")]


def test_one_that_the_auction_did_not_fill_is_no_fault_of_the_venue():
    of = ledger(WAITING, says(Kind.ACCEPTED), Event(Kind.EXPIRED, T0, "C1", reason="auction_limit"))
    assert of.rejects == {}
    assert of.unplanned == 1_000
