"""POV, iceberg, IS and sniper on the twelve-venue day, and TWAP by length of slice: buys and sells, one run per arm.

Writes the second table of ``backtests/README.md``. Uses the catalog that ``real_day.py`` made, or makes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import polars as pl
from blocks import interval, ratio_bps
from goals import largest_tip, optimal, pace, schedule_gap, split, worst_against_quote
from study import (
    CATALOG,
    INSTRUMENT,
    MINUTES,
    SIDES,
    START_NS,
    blocks,
    day_volume,
    fills,
    impact_bps,
    load,
    measures,
    parent,
    prepare,
    quotes,
    run_all,
    run_file,
    sigma_bps,
    write,
)

from nautilus_exec.costs.estimate import Estimate, Urgency, estimate, estimate_coefficients
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.tca.market import Scope
from nautilus_exec.units import MINUTE, SECOND

MARKERS = ("<!-- algorithms -->", "<!-- end of algorithms -->")
END_NS = START_NS + MINUTES * MINUTE
INTERVAL_NS = 5 * SECOND
"""POV's, its default."""
SLICES = (30, 60, 120, 300)
TICK = 0.01
AWAY = 5
"""Ticks by which the sniper's limit is better than the touch at arrival."""
DAY_MINUTES = 390
BOTH = ("trades_first", "books_first")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the day: quotes of the listing venue with their mid, daily volatility, volume and spread."""

    quotes: pl.DataFrame
    sigma: float
    volume: float
    spread: float

    def arrival(self, column: str) -> float:
        """A column of the quote that stands at arrival."""
        return float(self.quotes.filter(pl.col("ts") <= START_NS)[column][-1])

    def model(self, quantity: float) -> str:
        """The model impact of so many shares, in bps."""
        return f"{impact_bps(quantity, self.volume, self.sigma):.1f}"


def facts() -> Facts:
    """Read the day; the spread is the mean over the time of the window."""
    book = quotes()
    here = book.filter(pl.col("ts").is_between(START_NS, END_NS))
    lasts = here["ts"].diff().shift(-1).fill_null(0)
    spread = float(((here["ask"] - here["bid"]) * lasts).sum() / lasts.sum())
    return Facts(book, sigma_bps(book.select("ts", "mid")), day_volume(), spread)


@dataclass(frozen=True, slots=True)
class Arm:
    """One algorithm with its parameters, bought and sold."""

    algorithm: str
    label: str
    quantity: int
    params: Mapping[str, object]
    order: str = "trades_first"
    limits: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The ids of its runs, buy and sell."""
        return [self.name(side) for side in SIDES]

    def name(self, side: str) -> str:
        """The id of the run of one side."""
        return f"{self.algorithm}-{self.label}-{self.quantity}-{self.order}-{side}"

    def job(self, side: str) -> tuple[str, str]:
        """The id and the run file of one side."""
        params = {"duration": f"{MINUTES}m", **self.params}
        order = parent(self.algorithm, side, self.quantity, params, limit=self.limits.get(side))
        return self.name(side), run_file(self.name(side), [order], self.order)

    def fills(self) -> pl.DataFrame:
        """What both sides filled."""
        return pl.concat([fills(name) for name in self.names])

    def vwap(self) -> str:
        """Cost against the VWAP of the window on the listing venue."""
        return f"{measures(self.names, Scope.LISTING)['vwap']:.2f}"


def povs() -> list[Arm]:
    """A participation in the listing venue's volume, of an order too large to be done."""
    scope = {"volume_scope": "venue", "interval": "5s"}
    return [Arm("POV", f"{rate:g}", 100_000, {"target_participation": rate, **scope}) for rate in (0.05, 0.1)]


def icebergs() -> list[Arm]:
    """Tips at the near touch until the end, and a sweep of what is left."""
    tips = {"200": {"display_size": 200}, "100-300": {"display_min": 100, "display_max": 300}}
    rest = {"peg": "join", "end_behavior": "complete_hard"}
    return [Arm("ICEBERG", label, 20_000, tip | rest, order) for label, tip in tips.items() for order in BOTH]


def shortfalls(day: Facts) -> list[Arm]:
    """Three urgencies, taking, the coefficients estimated from the day itself."""
    known = {"adv": day.volume, "volatility": day.sigma / 1e4, "spread": day.spread}
    work = {"interval": "60s", "style": "aggressive", "end_behavior": "complete_hard"}
    return [
        Arm("IS", urgency.value, 50_000, {"urgency": urgency.value, **known, **work}) for urgency in Urgency
    ]


def snipers(day: Facts) -> list[Arm]:
    """A limit some ticks better than the far touch at arrival."""
    limits = {"BUY": day.arrival("ask") - AWAY * TICK, "SELL": day.arrival("bid") + AWAY * TICK}
    return [Arm("SNIPER", "5", 20_000, {}, limits={side: f"{price:.2f}" for side, price in limits.items()})]


def twap(seconds: int, style: str, order: str = "trades_first") -> Arm:
    """TWAP in slices of that length."""
    params = {"interval": f"{seconds}s", "style": style, "end_behavior": "complete_hard"}
    return Arm("TWAP", f"{seconds}s-{style}", 50_000, params, order)


def twaps() -> Iterator[Arm]:
    """Each length of slice, taking and resting first."""
    for seconds in SLICES:
        yield twap(seconds, "aggressive")
        for order in BOTH:
            yield twap(seconds, "passive_then_cross", order)


def pov_lines(day: Facts) -> Iterator[str]:
    """Participation of each side."""
    yield "**POV**, aggressive, 5 s intervals, scope venue (illustration, n = 1 pair):"
    yield ""
    yield "| target | side | realised | largest deviation, shares | largest beyond one child, points of volume | largest part of what is allowed (goal: at most 1) | time within it | of the time outside: last order came back short | vs horizon VWAP of the pair, bps | model impact, bps |"  # noqa: E501
    yield "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    prints = Catalog(CATALOG).continuous(INSTRUMENT).collect()
    for arm in povs():
        rate = float(arm.label)
        for side in SIDES:
            mine, sent = fills(arm.name(side)), load(arm.name(side)).children.collect()
            kept = pace(mine, sent, prints, rate, (START_NS, END_NS), INTERVAL_NS)
            yield (
                f"| {rate:.0%} | {side} | {kept.realised:.3%} | {kept.shares:,.0f} | {kept.points * 100:.2f} "
                f"| {_goal(kept.ratio, 1)} | {kept.inside:.2%} | {kept.short:.0%} | {arm.vwap()} "
                f"| {day.model(mine['units'].sum())} |"
            )


def iceberg_lines(day: Facts) -> Iterator[str]:
    """What was shown, and what came to it."""
    yield "**Iceberg**, 20,000 shares, pegged to the near touch, at once refilled (illustration, n = 1 pair):"
    yield ""
    yield "| display | order at equal stamps | largest open tip / display, buy · sell (goal: at most 1) | filled passively | done | minutes to the last fill, buy · sell | vs horizon VWAP of the pair, bps | model impact, bps |"  # noqa: E501
    yield "|---:|---|---:|---:|---:|---:|---:|---:|"
    for arm in icebergs():
        most = int(arm.label.rpartition("-")[2])
        runs = [load(name) for name in arm.names]
        tips = [largest_tip(run.children.collect(), run.fills.collect()) / most for run in runs]
        mine = arm.fills()
        passive = mine.filter(pl.col("liquidity") == "MAKER")["units"].sum() / (2 * arm.quantity)
        last = [(fills(name)["ts_event"].max() - START_NS) / MINUTE for name in arm.names]
        yield (
            f"| {arm.label} | {arm.order} | {_goal(tips[0], 1)} · {_goal(tips[1], 1)} | {passive:.1%} "
            f"| {mine['units'].sum() / (2 * arm.quantity):.1%} | {last[0]:.0f} · {last[1]:.0f} | {arm.vwap()} "
            f"| {day.model(arm.quantity)} |"
        )


def expected(arm: Arm, day: Facts) -> Estimate:
    """What the closed form is expected to cost."""
    kappa_t = Urgency(arm.label).kappa_t
    known = estimate_coefficients(day.volume, day.sigma / 1e4, day.spread, day.arrival("mid"))
    done = [0.0, *optimal(arm.quantity, kappa_t, MINUTES)]
    trades = [after - before for before, after in pairwise(done)]
    return estimate(trades, [1 / DAY_MINUTES] * MINUTES, known, day.arrival("mid"))


def shortfall_lines(day: Facts) -> Iterator[str]:
    """The schedule, and the two parts of the cost that a replay can show."""
    yield "**IS**, 50,000 shares, aggressive, 60 s slices (illustration, n = 1 pair):"
    yield ""
    yield "| urgency | largest gap to the optimal schedule at a slice's end, buy · sell | goal: at most one child, the largest slice | spread: realised, buy · sell / expected, bps | timing: realised, buy · sell / expected (sd), bps | done | model impact, bps |"  # noqa: E501
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for arm in shortfalls(day):
        made, kappa_t = expected(arm, day), Urgency(arm.label).kappa_t
        each = [fills(name) for name in arm.names]
        gaps = [schedule_gap(one, arm.quantity, kappa_t, MINUTES, START_NS, MINUTE) for one in each]
        child = max(made.trades) / arm.quantity
        met = [f"{gap:.2%}" + ("" if gap <= child else ", **missed**") for gap in gaps]
        costs = [split(one, day.quotes.select("ts", "mid"), START_NS) for one in each]
        yield (
            f"| {arm.label} | {' · '.join(met)} | {child:.2%} "
            f"| {costs[0].spread:.2f} · {costs[1].spread:.2f} / {made.bps('spread'):.2f} "
            f"| {costs[0].timing:.1f} · {costs[1].timing:.1f} / 0 ({made.bps('timing_sd'):.1f}) "
            f"| {arm.fills()['units'].sum() / (2 * arm.quantity):.1%} | {day.model(arm.quantity)} |"
        )


def sniper_lines(day: Facts) -> Iterator[str]:
    """Prices against the limit and against the quote that stood."""
    yield f"**Sniper**, 20,000 shares, limit {AWAY} ticks better than the far touch at arrival (illustration):"
    yield ""
    yield "| side | limit | filled | price against the quote before, worst, ticks (goal: at most 0) | better than the limit: mean, bps / least, ticks (goal: at least 0) | vs horizon VWAP of the pair, bps | model impact of the filled, bps |"  # noqa: E501
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for arm in snipers(day):
        for side in SIDES:
            mine, limit = fills(arm.name(side)), float(arm.limits[side])
            better = mine["side"] * (limit - mine["price"])
            mean = (better * mine["units"]).sum() / (limit * mine["units"].sum()) * 1e4
            yield (
                f"| {side} | {limit:.2f} | {mine['units'].sum() / arm.quantity:.1%} "
                f"| {_goal(worst_against_quote(mine, day.quotes, TICK), 0)} "
                f"| {mean:.2f} / {round(float(better.min()) / TICK, 6) + 0.0:.0f} | {arm.vwap()} "
                f"| {day.model(mine['units'].sum())} |"
            )


def twap_lines(day: Facts) -> Iterator[str]:
    """Resting first against taking, by length of slice."""
    yield "**TWAP by length of slice**, 50,000 shares, buys and sells together, n = 11 half-hour blocks:"
    yield ""
    yield "| slice | order at equal stamps | aggressive, bps [95 %] | passive_then_cross, bps [95 %] | passive / aggressive [95 %] | filled passively | model impact, bps |"  # noqa: E501
    yield "|---:|---|---:|---:|---:|---:|---:|"
    mids = day.quotes.select("ts", "mid")
    for seconds in SLICES:
        other = blocks(twap(seconds, "aggressive").names, mids, seconds * SECOND)
        for order in BOTH:
            arm = twap(seconds, "passive_then_cross", order)
            mine = blocks(arm.names, mids, seconds * SECOND)
            (a, b), (c, d), (e, f) = interval(other), interval(mine), interval(mine, other)
            done = arm.fills()
            passive = done.filter(pl.col("liquidity") == "MAKER")["units"].sum() / done["units"].sum()
            yield (
                f"| {seconds} s | {order} | {ratio_bps(other):.2f} [{a:.2f}, {b:.2f}] | {ratio_bps(mine):.2f} "
                f"[{c:.2f}, {d:.2f}] | {ratio_bps(mine) / ratio_bps(other):.2f} [{e:.2f}, {f:.2f}] "
                f"| {passive:.0%} | {day.model(arm.quantity)} |"
            )


def _goal(value: float, most: float) -> str:
    """A number, and the word where it misses its goal."""
    rounded = round(value, 6) + 0.0
    return f"{rounded:.2f}" if rounded <= most else f"{rounded:.2f}, **missed**"


def lines(day: Facts) -> Iterator[str]:
    """Every table, and what the model took in."""
    for part in (pov_lines, iceberg_lines, shortfall_lines, sniper_lines, twap_lines):
        yield from part(day)
        yield ""
    yield f"Model impact as above: sigma = {day.sigma:.0f} bps a day, V = {day.volume:,.0f} shares. IS expects from the same two and the window's mean spread, {day.spread:.4f} USD: hindsight, so that the test is of the schedule and not of the forecast."  # noqa: E501


def main() -> None:
    """Run every arm over the cores and write the table."""
    if not CATALOG.is_dir():
        prepare()
    day = facts()
    arms = [*povs(), *shortfalls(day), *icebergs(), *snipers(day), *twaps()]
    run_all([arm.job(side) for arm in arms for side in SIDES])
    write(MARKERS, lines(day))


if __name__ == "__main__":
    main()
