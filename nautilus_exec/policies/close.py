"""Market on close: in the closing auction, whole or after a part that is worked before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, cast
from zoneinfo import ZoneInfo

import msgspec

from nautilus_exec.core.intent import Intent, PriceRule, Quote
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Auction, EndBehavior, Spec
from nautilus_exec.curves.volume_profile import VolumeProfile
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.cutoffs import OURS_NS, cutoff_before_close
from nautilus_exec.policies.meaning import kind, means
from nautilus_exec.policies.params import (
    CommonParams,
    Duration,
    Fraction,
    Name,
    Natural,
    OrderFacts,
    Session,
    resolve,
)
from nautilus_exec.policies.schedule import Schedule, build, standing, work
from nautilus_exec.policies.slices import SliceParams, edges
from nautilus_exec.policies.text import parse_duration
from nautilus_exec.units import MINUTE, SECOND, Lots, Nanos

KEY = "auction"
DEFAULT_INTERVAL_NS = MINUTE
AUCTION_TIMEOUT_NS = 10 * MINUTE
"""How long after the close the official print is waited for."""

type Share = Annotated[float, msgspec.Meta(gt=0.0, le=1.0), kind("fraction")]


class CloseMode(StrEnum):
    """Whether anything is done before the auction."""

    AUCTION_ONLY = "auction_only"
    TARGET_CLOSE = "target_close"


class MocParams(SliceParams, frozen=True, kw_only=True):
    """Parameters of market on close: those of all algorithms, the slices of what is worked before, the auction."""

    when_absent: ClassVar[Mapping[str, str]] = {"interval": f"{DEFAULT_INTERVAL_NS // SECOND}s"}

    mode: Annotated[
        CloseMode,
        means(
            "Whether anything is done before the auction. auction_only: no; target_close: a part is worked by a "
            "schedule over the last work_before, and the rest is for the auction."
        ),
    ] = CloseMode.AUCTION_ONLY
    cutoff: Annotated[
        Duration | None,
        means(
            "How long before the close the venue takes its last auction order. Ours is 30 s earlier; from it on there "
            "is no entry, cancel or amend, and a later order is refused.",
            absent="the venue's own on that day, from a table",
        ),
    ] = None
    max_auction_share: Annotated[
        Share,
        means(
            "Largest part of the auction: of the volume forecast when the order is entered, and of the print itself "
            "where it is simulated. Below 1 a forecast is needed."
        ),
    ] = 0.1
    auction_volume: Annotated[
        Natural | None,
        means("Forecast volume of the closing auction.", unit="lots", absent="from the profile"),
    ] = None
    profile: Annotated[
        Name | None,
        means(
            "Name of a profile in the catalog whose closing share and day volume forecast the auction.",
            instead_of="auction_volume",
        ),
    ] = None
    work_before: Annotated[
        Duration, means("Length of the part that target_close works before our cut-off.")
    ] = "30m"
    continuous_share: Annotated[
        Fraction | None,
        means(
            "Part of the order that target_close works before the auction, more where the auction's share needs it.",
            absent="what is beyond the auction's share",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What market on close derives from its parameters once."""

    given: MocParams
    continuous: Lots
    """Lots that are worked before the auction."""
    schedule: Schedule | None
    commit_ns: Nanos
    """From here to our cut-off nothing is worked: rests are taken back, and what is left goes to the auction."""


class Moc:
    """Take part in the closing auction, and nothing but its official price there.

    Formula: auction lots A = min(Q - C, share x forecast), C = max(continuous_share Q, Q - share x forecast) worked
    before in equal slices; what C still lacks at our cut-off goes to the auction as far as its share allows, and
    what is beyond that is worked until the close. Benchmark: the official close. auction_only: C = 0, and what is
    beyond the share is the remainder.
    """

    id: ClassVar[str] = "MOC"
    Params: ClassVar[type[CommonParams]] = MocParams

    @staticmethod
    def prepare(params: CommonParams, facts: OrderFacts) -> Spec:
        """Resolve the parameters against the close and the venue's cut-off; a late order is refused."""
        given = cast(MocParams, params)
        if facts.session is None:
            raise InvalidInput("calendar", None, "an instrument with a calendar or session, for its close")
        spec = resolve(given, facts)
        auction = _auction(given, facts, spec, facts.session)
        _check(given, spec, auction)
        commit = auction.cutoff_ns - min(spec.cancel_allowance_ns, (auction.cutoff_ns - spec.start_ns) // 4)
        part = _continuous(given, spec, auction)
        schedule = _schedule(given, replace(spec, quantity=part), auction)
        return replace(spec, auction=auction, params=Closing(given, part, schedule if part else None, commit))

    @staticmethod
    def decide(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
        """Work the continuous part by its schedule, and have the rest in the auction until our cut-off."""
        closing, auction = cast(Closing, spec.params), cast(Auction, spec.auction)
        if now_ns >= auction.cutoff_ns:
            return _worked(spec, closing, ledger, market, now_ns)._replace(planned=ledger.quantity)
        done = ledger.filled + ledger.out - ledger.auction_out
        if now_ns >= closing.commit_ns:
            return _entered(auction, ledger, done, _commit(auction, ledger))
        made = _worked(spec, closing, ledger, market, now_ns)
        wake = min(made.wake_ns or closing.commit_ns, closing.commit_ns)
        return _entered(auction, ledger, max(done, closing.continuous), made._replace(wake_ns=wake))


def _commit(auction: Auction, ledger: Ledger) -> Intent:
    return Intent(wake_ns=auction.cutoff_ns, reason="commit", planned=ledger.quantity)


def _entered(auction: Auction, ledger: Ledger, elsewhere: Lots, made: Intent) -> Intent:
    """The intent with the auction's order: what is not elsewhere, as far as the share allows."""
    lots = min(auction.max_lots, ledger.quantity - elsewhere)
    if lots <= 0:
        return made._replace(planned=min(ledger.quantity, made.planned or ledger.filled))
    quotes = (*made.quotes, Quote(KEY, lots, PriceRule.AUCTION))
    return made._replace(quotes=quotes, planned=min(ledger.quantity, (made.planned or 0) + lots))


def _worked(spec: Spec, closing: Closing, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
    """What should be working beside the auction's order."""
    if closing.schedule is None:
        return Intent(wake_ns=spec.end_ns, reason="auction", planned=0)
    at = standing(closing.schedule, spec, now_ns)
    if at is not None:
        at = at._replace(due=min(at.due, ledger.quantity - ledger.auction_out))
    return work(spec, ledger, market, now_ns, at, closing.schedule.release[0])


def _auction(given: MocParams, facts: OrderFacts, spec: Spec, session: Session) -> Auction:
    """The auction's times and the most that may be out for it."""
    venue, close = spec.primary.venue, session.close_ns
    before = cutoff_before_close(venue, close)
    if given.cutoff is not None:
        before = parse_duration("cutoff", given.cutoff)
    if before is None:
        raise InvalidInput("cutoff", None, f"how long before the close {venue} takes its last auction order")
    cutoff = close - before - OURS_NS
    if spec.start_ns >= cutoff:
        clock = datetime.fromtimestamp(cutoff // SECOND, ZoneInfo(facts.zone))
        raise InvalidInput("start_time", given.start_time or "now", f"an instant before our cut-off, {clock}")
    if spec.end_ns < cutoff:
        field = "duration" if given.duration is not None else "end_time"
        raise InvalidInput(
            field, getattr(given, field) or facts.expire_ns, "none, or an end after the cut-off"
        )
    most = _most(given, facts)
    most = spec.quantity if most is None else min(spec.quantity, most)
    lots = most - most % spec.primary.lot
    return Auction(cutoff, close + AUCTION_TIMEOUT_NS, lots, given.max_auction_share)


def _most(given: MocParams, facts: OrderFacts) -> Lots | None:
    """Lots that the share of the forecast allows; None where the whole auction may be ours and nothing is forecast."""
    if given.auction_volume is not None and given.profile is not None:
        raise InvalidInput(
            "profile", given.profile, "no profile where auction_volume is given, or no auction_volume"
        )
    if given.auction_volume is not None:
        return int(given.max_auction_share * given.auction_volume)
    if facts.profile is not None:
        return int(given.max_auction_share * forecast(facts.profile) / float(facts.lot))
    if given.max_auction_share < 1:
        raise InvalidInput(
            "auction_volume", None, "a forecast of the auction, or a profile, for max_auction_share"
        )
    return None


def forecast(profile: VolumeProfile) -> float:
    """Forecast the closing auction's volume in units from a profile of earlier days.

    Formula: V_close = s_close V / (1 - s_open - s_close), V the continuous volume of a day, s the auctions' shares of
    the whole day. Raises ``InvalidInput`` for a profile that does not tell the auctions apart.
    """
    closing = profile.closing_share
    if profile.day_volume is None or closing is None:
        raise InvalidInput("profile", profile.name, "a profile with a day volume and a closing share")
    rest = 1 - closing - (profile.opening_share or 0.0)
    if closing <= 0 or rest <= 0:
        raise InvalidInput("profile", profile.name, "a closing share above 0 that leaves continuous volume")
    return closing * profile.day_volume / rest


def _check(given: MocParams, spec: Spec, auction: Auction) -> None:
    if given.mode is CloseMode.TARGET_CLOSE:
        return
    if given.continuous_share:
        raise InvalidInput(
            "continuous_share", given.continuous_share, "mode = target_close with a part before"
        )
    if spec.end_behavior is not EndBehavior.CANCEL:
        raise InvalidInput("end_behavior", spec.end_behavior.value, "cancel for mode = auction_only")
    if auction.max_lots < spec.primary.min_lots:
        raise InvalidInput(
            "max_auction_share", given.max_auction_share, "a share that allows the smallest order"
        )


def _continuous(given: MocParams, spec: Spec, auction: Auction) -> Lots:
    if given.mode is CloseMode.AUCTION_ONLY:
        return 0
    wanted = int((given.continuous_share or 0.0) * spec.quantity)
    return max(wanted, spec.quantity - auction.max_lots)


def _schedule(given: MocParams, spec: Spec, auction: Auction) -> Schedule:
    """Equal slices over the last ``work_before`` up to our cut-off."""
    start = max(spec.start_ns, auction.cutoff_ns - parse_duration("work_before", given.work_before))
    cuts = edges(given, start, auction.cutoff_ns, DEFAULT_INTERVAL_NS, by_interval=True)
    return build(spec, cuts, [1.0] * (len(cuts) - 1))
