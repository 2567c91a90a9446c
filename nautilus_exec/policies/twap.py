"""Time-weighted average price: equal parts over equal slices."""

from collections.abc import Mapping
from typing import ClassVar, cast

from nautilus_exec.core.intent import Intent
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec
from nautilus_exec.policies.params import CommonParams, OrderFacts, resolve
from nautilus_exec.policies.schedule import build, standing, work
from nautilus_exec.policies.slices import Sliced, SliceParams, edges, with_schedule
from nautilus_exec.units import Nanos

DEFAULT_SLICES = 12


class TwapParams(SliceParams, frozen=True, kw_only=True):
    """Parameters of TWAP: those of all algorithms and the slices."""

    when_absent: ClassVar[Mapping[str, str]] = {"slices": str(DEFAULT_SLICES)}


class Twap:
    """Work a parent in equal lots over equal slices.

    Formula: n_k = Q/N by largest remainder (1000 over 3 is 334, 333, 333), due at the slice's start; what a slice did
    not fill is due in the next (catch-up). Invariant: lots due never fall, and are Q from the last slice on.
    """

    id: ClassVar[str] = "TWAP"
    Params: ClassVar[type[CommonParams]] = TwapParams

    @staticmethod
    def prepare(params: CommonParams, facts: OrderFacts) -> Spec:
        """Resolve the parameters and cut the horizon into slices."""
        given = cast(TwapParams, params)
        spec = resolve(given, facts)
        cuts = edges(given, spec.start_ns, spec.end_ns, DEFAULT_SLICES, by_interval=False)
        return with_schedule(spec, Sliced(given, build(spec, cuts, [1.0] * (len(cuts) - 1))))

    @staticmethod
    def decide(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
        """Follow the schedule by the parent's style."""
        schedule = cast(Sliced, spec.params).schedule
        at = standing(schedule, spec, now_ns)
        return work(spec, ledger, market, now_ns, at, schedule.release[0])
