"""From what is wanted to what leaves: subtract what is out, and apply every hard limit once.

A replacement goes only after the cancel's confirm: children of a quote that are being cancelled still count as that
quote. Cancels are never held back.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from nautilus_exec.core.intent import Intent, PriceRule, Quote
from nautilus_exec.core.ledger import Child, Ledger
from nautilus_exec.core.limits import Hold, Limits, Throttle, outside_collar, participation_room
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec, VenueSpec
from nautilus_exec.core.transitions import State
from nautilus_exec.units import Lots, Nanos, Side, Ticks


class Send(NamedTuple):
    """A new child: immediate-or-cancel when ``take``, else resting; post-only when it must not take.

    ``auction``: for the parent's auction only; a price of 0 takes whatever official price it gives.
    """

    key: str
    venue: str
    instrument: str
    lots: Lots
    price_ticks: Ticks
    take: bool
    post_only: bool
    over_cap: Lots
    auction: bool = False


class Amend(NamedTuple):
    """Change a resting child in place."""

    child_id: str
    lots: Lots
    price_ticks: Ticks


class Cancel(NamedTuple):
    """Take a child back."""

    child_id: str


type Action = Send | Amend | Cancel


class Facts(NamedTuple):
    """What a plan is made from, beside the intent."""

    spec: Spec
    ledger: Ledger
    market: MarketView
    limits: Limits
    throttle: Throttle
    now_ns: Nanos


@dataclass(slots=True)
class Plan:
    """What leaves now, which limit held something back, and when to look again."""

    actions: list[Action] = field(default_factory=list)
    held: Hold = ""
    short: bool = False
    """Whether a limit made a child smaller than was wanted."""
    wake_ns: Nanos | None = None
    room: Lots = 0
    surplus: dict[tuple[str, str], Lots] = field(default_factory=dict)
    """By (key, venue): working lots beyond what the resting quote asks for."""

    def wake(self, at_ns: Nanos) -> None:
        """Look again at this instant or before."""
        self.wake_ns = at_ns if self.wake_ns is None else min(self.wake_ns, at_ns)

    def hold(self, why: Hold) -> None:
        """Remember the first limit that held something back."""
        self.held = self.held or why


def plan(intent: Intent, facts: Facts) -> Plan:
    """The actions that bring what is out towards what is wanted, within every limit."""
    made = Plan(room=facts.ledger.unplanned if not facts.ledger.excess else 0)
    quotes = () if facts.limits.kill_switch else intent.quotes
    if facts.limits.kill_switch and intent.quotes:
        made.hold("kill_switch")
    wanted = {(q.key, q.venue or facts.spec.primary.venue): q for q in quotes if not q.take}
    made.surplus = _surplus(wanted, facts.ledger)
    for child in facts.ledger.open.values():
        _review(made, child, wanted.get((child.key, child.venue)), facts)
    if made.room > 0:
        for quote in quotes:
            _send(made, quote, facts)
    return made


def _review(made: Plan, child: Child, quote: Quote | None, facts: Facts) -> None:
    """Decide what becomes of one child that is out."""
    limits, now = facts.limits, facts.now_ns
    auction = facts.spec.auction
    if child.auction and auction is not None and auction.binds(now):
        made.wake(auction.until_ns)
    elif child.state is State.UNKNOWN:
        if child.cancels < limits.max_cancels:
            _cancel(made, child, facts)
    elif child.state is State.SENT or child.state is State.CANCELLING:
        asked = child.sent_ns if child.state is State.SENT else child.cancel_ns or child.sent_ns
        made.wake(asked + limits.ack_timeout_ns)
    elif child.take:
        _cancel(made, child, facts, child.sent_ns + limits.ack_timeout_ns)
    elif quote is None:
        _cancel(made, child, facts)
    elif child.pending_price is not None:
        beyond = _beyond_limit(child.pending_price, facts.spec)
        _cancel(made, child, facts, now if beyond else (child.amend_ns or now) + limits.ack_timeout_ns)
    else:
        _adjust(made, child, quote, facts)


def _cancel(made: Plan, child: Child, facts: Facts, from_ns: Nanos = 0) -> None:
    """Ask a venue to cancel, not before ``from_ns``, and again only after a wait that doubles."""
    due = from_ns
    if child.cancel_ns is not None:
        due = max(due, child.cancel_ns + (facts.limits.ack_timeout_ns << min(child.cancels - 1, 6)))
    if facts.now_ns >= due:
        made.actions.append(Cancel(child.id))
    else:
        made.wake(due)


def _surplus(wanted: dict[tuple[str, str], Quote], ledger: Ledger) -> dict[tuple[str, str], Lots]:
    """Open lots of each quote that nobody has asked to cancel, less what the quote asks for."""
    surplus = {place: -quote.lots for place, quote in wanted.items()}
    for child in ledger.open.values() if wanted else ():
        place = (child.key, child.venue)
        if place in surplus and child.state in (State.SENT, State.WORKING):
            surplus[place] += child.open
    return surplus


def _adjust(made: Plan, child: Child, quote: Quote, facts: Facts) -> None:
    """Replace a resting child that is too large, or that the market has left behind."""
    spec = facts.spec
    venue = spec.at(child.venue) or spec.primary
    price, _ = _price(quote, spec, venue, facts)
    moved = price is not None and quote.chase and spec.side * (price - child.price_ticks) > 0
    beyond = _beyond_limit(child.price_ticks, spec)
    place = (child.key, child.venue)
    cut = max(0, min(made.surplus[place], child.open))
    if not (moved or beyond or cut):
        return None
    target = price if price is not None and (moved or beyond) else child.price_ticks
    keep = child.lots - cut
    keep -= keep % venue.lot
    in_place = venue.can_amend and child.amendable and keep >= max(venue.min_lots, child.filled + 1)
    in_place = in_place and not child.auction and not _beyond_limit(target, spec)
    if in_place and _rate_held(made, facts):
        if not (cut or beyond):
            return made.hold("message_rate")
        # What must not stay is cancelled: a cancel is never held back.
        in_place = False
    made.surplus[place] -= child.lots - keep if in_place else child.open
    if in_place:
        made.actions.append(Amend(child.id, keep, target))
    else:
        _cancel(made, child, facts)
    return None


def _send(made: Plan, quote: Quote, facts: Facts) -> None:
    """Send what a quote still lacks, if every limit lets it."""
    spec, ledger = facts.spec, facts.ledger
    venue = spec.primary if quote.venue is None else spec.at(quote.venue)
    if venue is None:
        return made.hold("unknown_venue")
    if quote.take and quote.key in ledger.take_keys:
        return None
    need = quote.lots if quote.take else quote.lots - ledger.open_for(quote.key, venue.venue)
    if need <= 0:
        return None
    held = _waiting(made, venue, facts)
    price, unpriced = _price(quote, spec, venue, facts)
    lots, over_cap, clipped = _size(need, made.room, quote, venue, facts)
    if held or unpriced or clipped or price is None:
        return made.hold(held or unpriced or clipped)
    made.short = made.short or lots < min(need, made.room)
    made.room -= lots
    post_only = not quote.take and quote.rule is PriceRule.JOIN
    auction = quote.rule is PriceRule.AUCTION
    made.actions.append(
        Send(quote.key, venue.venue, venue.instrument, lots, price, quote.take, post_only, over_cap, auction)
    )
    return None


def _waiting(made: Plan, venue: VenueSpec, facts: Facts) -> Hold:
    """Back-off after rejects, and the message rate."""
    limits, now = facts.limits, facts.now_ns
    rejects = facts.ledger.rejects.get(venue.venue)
    if rejects and now < (until := limits.backoff_until(*rejects)):
        made.wake(until)
        return "backoff"
    return "message_rate" if _rate_held(made, facts) else ""


def _rate_held(made: Plan, facts: Facts) -> bool:
    """Whether no more messages may leave now; cancels do not count."""
    room = facts.throttle.room(facts.limits.max_messages, facts.now_ns)
    held = room <= sum(type(action) is not Cancel for action in made.actions)
    if held:
        made.wake(facts.throttle.free_ns(facts.now_ns))
    return held


def _size(need: Lots, room: Lots, quote: Quote, venue: VenueSpec, facts: Facts) -> tuple[Lots, Lots, Hold]:
    """Clip to remainder, largest child, cap and lot; below the minimum it is carried, never rounded up.

    Returns the lots, how many of them lie beyond the participation cap, and which limit left none.
    """
    spec = facts.spec
    # An auction shows no sizes: its order is not cut into children, and its share is not continuous participation.
    auction = quote.rule is PriceRule.AUCTION
    lots = min(need, room, (not auction and spec.max_child) or need, venue.max_lots or need)
    # The very last lots may be fewer than the parent's own minimum, never fewer than the venue's.
    least = max(venue.min_lots, min(spec.min_child, room))
    cap = None if auction else participation_room(spec, facts.ledger, facts.market, facts.now_ns)
    sent = facts.ledger.unplanned - room
    allowed = lots if cap is None else max(0, cap - sent)
    capped = lots > allowed and not quote.over_cap
    lots = allowed if capped else lots
    lots -= lots % venue.lot
    if lots < least:
        return 0, 0, "participation" if capped else "below_minimum"
    return lots, max(0, lots - allowed), ""


def _price(quote: Quote, spec: Spec, venue: VenueSpec, facts: Facts) -> tuple[Ticks | None, Hold]:
    """Ticks from a price rule; the auction's needs no market."""
    if quote.rule is PriceRule.AUCTION:
        return _auction_price(spec, facts.now_ns)
    return _market_price(quote, spec, venue, facts)


def _market_price(quote: Quote, spec: Spec, venue: VenueSpec, facts: Facts) -> tuple[Ticks | None, Hold]:
    """Never past the limit, never outside the collar, rounded away from the market."""
    trouble = facts.market.trouble(venue.venue, facts.now_ns)
    if trouble:
        return None, trouble
    top = facts.market.tops[venue.venue]
    side = spec.side
    cap = _tighter(side, spec.limit_ticks, quote.cap_ticks)
    raw = _rule_price(quote, side, top.price(side), top.far(side), cap)
    if raw is None:
        return None, "no_limit_price"
    price = raw + side * quote.offset
    if cap is not None and side * (price - cap) > 0:
        if quote.take:
            return None, "limit_price"
        price = cap
    price = side * (side * price // venue.tick) * venue.tick
    if outside_collar(price, top.bid, top.ask, facts.limits.collar_bps):
        return None, "collar"
    if facts.market.meets_own(venue.venue, side, price):
        return None, "self_match"
    return price, ""


def _rule_price(quote: Quote, side: Side, near: Ticks, far: Ticks, cap: Ticks | None) -> Ticks | None:
    if quote.rule is PriceRule.JOIN:
        return near
    if quote.rule is PriceRule.CROSS:
        return far
    if quote.rule is PriceRule.MID:
        return side * (side * (near + far) // 2)
    return cap


def _auction_price(spec: Spec, now_ns: Nanos) -> tuple[Ticks | None, Hold]:
    """The limit price, or 0 for whatever the auction gives; it is not priced from the market, so no quote is needed."""
    if spec.auction is None:
        return None, "no_auction"
    if now_ns >= spec.auction.cutoff_ns:
        return None, "auction_cutoff"
    return spec.limit_ticks or 0, ""


def _tighter(side: Side, first: Ticks | None, second: Ticks | None) -> Ticks | None:
    """The limit that allows less."""
    if first is None or second is None:
        return second if first is None else first
    return side * min(side * first, side * second)


def _beyond_limit(price: Ticks, spec: Spec) -> bool:
    return spec.limit_ticks is not None and spec.side * (price - spec.limit_ticks) > 0
