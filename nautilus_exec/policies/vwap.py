"""Volume-weighted average price: parts in proportion to the volume that each slice is expected to see."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, ClassVar, cast

from nautilus_exec.core.intent import Intent
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec
from nautilus_exec.curves.volume_profile import VolumeProfile, static_us_equity, window
from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.meaning import means
from nautilus_exec.policies.params import CommonParams, Fraction, Name, OrderFacts, resolve
from nautilus_exec.policies.schedule import Now, build, standing, work
from nautilus_exec.policies.slices import Sliced, SliceParams, edges, with_schedule
from nautilus_exec.policies.text import local_midnight
from nautilus_exec.units import MINUTE, SECOND, Lots, Nanos

DEFAULT_INTERVAL_NS = MINUTE


class VolumeCurve(StrEnum):
    """Where the volume curve comes from."""

    STATIC = "static"
    HISTORY = "history"
    DYNAMIC = "dynamic"


class VwapParams(SliceParams, frozen=True, kw_only=True):
    """Parameters of VWAP: those of all algorithms, the slices, the curve and the band."""

    when_absent: ClassVar[Mapping[str, str]] = {"interval": f"{DEFAULT_INTERVAL_NS // SECOND}s"}

    volume_curve: Annotated[
        VolumeCurve,
        means(
            "Where the volume curve comes from. static: the default U-shape; history: the named profile; dynamic: "
            "that profile blended with today's volume."
        ),
    ] = VolumeCurve.STATIC
    profile: Annotated[
        Name | None, means("Name of a profile in the catalog, for history and dynamic.", absent="none")
    ] = None
    rho: Annotated[
        Fraction,
        means("Weight of today's volume in the dynamic forecast of the rest; 1 is the profile's own curve."),
    ] = 0.5
    band_behind: Annotated[
        Fraction, means("Part of the parent behind the curve up to which only passive orders work.")
    ] = 0.02
    band_ahead: Annotated[
        Fraction, means("Part of the parent that passive orders may fill ahead of the curve.")
    ] = 0.02

    @property
    def needs_volume(self) -> bool:
        """Whether the market's volume is counted: for the cap, and for the dynamic curve."""
        return self.max_participation is not None or self.volume_curve is VolumeCurve.DYNAMIC


class Vwap:
    """Work a parent along a volume curve, inside a band.

    Formula: due(t) = Q C(t), C the cumulative volume curve renormalised over the order's window. Dynamic: due(t) =
    Q V/(V + R), R = V_hist (1 - C) (V / (V_hist C))^rho, V the volume since the start; rho = 1 is the curve again.
    Inside the band only passive orders work; behind it, cross back to the band's edge; ahead of it, rest nothing.
    The band is for the passive styles; style aggressive takes what is due.
    """

    id: ClassVar[str] = "VWAP"
    Params: ClassVar[type[CommonParams]] = VwapParams

    @staticmethod
    def prepare(params: CommonParams, facts: OrderFacts) -> Spec:
        """Resolve the parameters, choose the curve and cut the horizon into slices."""
        given = cast(VwapParams, params)
        spec = resolve(given, facts)
        profile = _profile(given, facts)
        cuts = edges(given, spec.start_ns, spec.end_ns, DEFAULT_INTERVAL_NS, by_interval=True)
        sliced = _curve(given, spec, facts, profile, cuts)
        return with_schedule(spec, sliced)

    @staticmethod
    def decide(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
        """Follow the curve by the parent's style."""
        sliced = cast(Sliced, spec.params)
        at = standing(sliced.schedule, spec, now_ns)
        if at is not None:
            dynamic = cast(VwapParams, sliced.given).volume_curve is VolumeCurve.DYNAMIC
            due = _dynamic_due(spec, sliced, ledger, market, at) if dynamic else at.due
            at = at._replace(due=due, ahead=sliced.band_ahead, behind=sliced.band_behind)
        return work(spec, ledger, market, now_ns, at, sliced.schedule.release[0])


def _profile(given: VwapParams, facts: OrderFacts) -> VolumeProfile:
    """The profile that the parameters name; the default shape for a static curve."""
    if given.volume_curve is VolumeCurve.STATIC:
        if given.profile is not None:
            raise InvalidInput("profile", given.profile, "volume_curve = history or dynamic with a profile")
        return static_us_equity()
    if facts.profile is None:
        raise InvalidInput(
            "profile", given.profile, f"the name of a profile for volume_curve = {given.volume_curve}"
        )
    if given.volume_curve is VolumeCurve.DYNAMIC and facts.profile.day_volume is None:
        raise InvalidInput("profile", given.profile, "a profile with a day volume for volume_curve = dynamic")
    return facts.profile


def _curve(
    given: VwapParams, spec: Spec, facts: OrderFacts, profile: VolumeProfile, cuts: list[Nanos]
) -> Sliced:
    # The profile's clock, which need not be that of the instrument's calendar.
    midnight = local_midnight(spec.start_ns, profile.timezone or facts.zone)
    curve = window(profile, cuts[0] - midnight, cuts[-1] - midnight)
    shares = [curve.at(cut - midnight) for cut in cuts]
    schedule = build(spec, cuts, [b - a for a, b in pairwise(shares)])
    mass = profile.curve.between(cuts[0] - midnight, cuts[-1] - midnight)
    expected = (profile.day_volume or 0.0) * mass / float(facts.lot)
    behind, ahead = (int(share * spec.quantity) for share in (given.band_behind, given.band_ahead))
    dynamic = given.volume_curve is VolumeCurve.DYNAMIC
    return Sliced(given, schedule, tuple(shares), expected, behind, ahead, needs_tape=dynamic)


def _dynamic_due(spec: Spec, sliced: Sliced, ledger: Ledger, market: MarketView, at: Now) -> Lots:
    """Lots due by the end of this slice: the blended share at its start, and the curve's part of what is left."""
    done, next_done = sliced.curve[at.k], sliced.curve[at.k + 1]
    tape = market.tape
    traded = tape.volume(spec.volume_scope, spec.primary.venue, spec.start_ns, at.release_ns) if tape else 0
    share = blended_share(traded, sliced.window_volume, done, cast(VwapParams, sliced.given).rho)
    step = (next_done - done) / (1 - done) if done < 1 else 1.0
    return int(ledger.quantity * (share + (1 - share) * step) + 0.5)


def blended_share(traded: float, expected: float, done: float, rho: float) -> float:
    """Share of the window's volume that has traded, by history and today's volume together.

    Formula: V/(V + R), R = V_hist (1 - C) (V / (V_hist C))^rho; V = ``traded``, V_hist = ``expected`` (lots), C =
    ``done``.
    Nothing traded is a share of 0; rho = 1 gives C. Dimensionless.
    """
    if done >= 1:
        return 1.0
    if traded <= 0 or done <= 0:
        return 0.0
    rest: float = expected * (1 - done) * (traded / (expected * done)) ** rho
    return traded / (traded + rest)
