"""The main job on a real day: TWAP and VWAP, aggressive and passive, bought and sold, each arm in an engine of its own.

Writes the table of ``backtests/README.md`` between its two markers. Needs the real data: EXEC_NT_DATA, or
``../shared/data`` beside the project.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
from blocks import interval, ratio_bps
from study import (
    MINUTES,
    SIDES,
    START_NS,
    blocks,
    day_volume,
    impact_bps,
    measures,
    mids,
    parent,
    prepare,
    run_all,
    run_file,
    sigma_bps,
    write,
)

from nautilus_exec.tca.market import Scope
from nautilus_exec.units import MINUTE

MARKERS = ("<!-- table -->", "<!-- end of table -->")


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to work one size."""

    algorithm: str
    style: str
    quantity: int
    order: str = "trades_first"
    parts: int = 1
    """1: one parent over the whole window; 11: one after the other, a half hour each."""

    def name(self, side: str) -> str:
        """The run's id."""
        return f"{self.algorithm}-{self.style}-{self.quantity}-{self.order}-{self.parts}-{side}"

    @property
    def names(self) -> list[str]:
        """The ids of its runs, buy and sell."""
        return [self.name(side) for side in SIDES]


def arms() -> Iterator[Arm]:
    """Every arm; the passive ones under both orders of prints and quotes at equal stamps."""
    for parts in (1, 11):
        for algorithm in ("TWAP", "VWAP"):
            for quantity in (20_000, 50_000):
                yield Arm(algorithm, "aggressive", quantity, parts=parts)
                for order in ("trades_first", "books_first"):
                    yield Arm(algorithm, "passive_then_cross", quantity, order, parts)


def parents(arm: Arm, side: str) -> Iterator[str]:
    """The parents of one side of an arm, one after the other."""
    share, extra = divmod(arm.quantity, arm.parts)
    curve = {"volume_curve": "history", "profile": "foreign_aapl"} if arm.algorithm == "VWAP" else {}
    params = {
        "duration": f"{MINUTES // arm.parts}m",
        "interval": "60s",
        "style": arm.style,
        "end_behavior": "complete_hard",
        **curve,
    }
    for part in range(arm.parts):
        start_ns = START_NS + part * MINUTES // arm.parts * MINUTE
        yield parent(arm.algorithm, side, share + (part < extra), params, start_ns)


def lines() -> Iterator[str]:
    """The rows of the table, and what is said below it."""
    table = mids()
    sigma, volume = sigma_bps(table), day_volume()
    yield "| algorithm | style | shares | order at equal stamps | vs slice's opening mid, bps [95 %] | vs horizon VWAP, bps: listing / consolidated | schedule deviation, max / mean | of listing / consolidated volume | done | model impact, bps |"  # noqa: E501
    yield "|---|---|---:|---|---|---|---|---|---:|---:|"
    for arm in arms():
        if arm.parts != 1:
            continue
        here = blocks(arm.names, table)
        low, high = interval(here)
        listing, whole = measures(arm.names, Scope.LISTING), measures(arm.names, Scope.CONSOLIDATED)
        impact = impact_bps(arm.quantity, volume, sigma)
        yield (
            f"| {arm.algorithm} | {arm.style} | {arm.quantity:,} | {arm.order} | {ratio_bps(here):.2f} "
            f"[{low:.2f}, {high:.2f}] | {listing['vwap']:.2f} / {whole['vwap']:.2f} "
            f"| {whole['deviation_max']:.2f} % / {whole['deviation_mean']:.2f} % "
            f"| {listing['participation']:.2f} % / {whole['participation']:.2f} % "
            f"| {whole['done']:.1f} % | {impact:.1f} |"
        )
    yield ""
    yield from sub_parents(table)
    yield ""
    yield f"Model impact: Y = 1, sigma = {sigma:.0f} bps a day (this window's 5-minute mids), V = {volume:,.0f} shares (the day's eligible volume), averaged over a constant rate. A replay leaves it out of every other figure."  # noqa: E501


def sub_parents(table: pl.DataFrame) -> Iterator[str]:
    """Half-hour sub-parents: the same comparison with a fresh parent per block, n = 11."""
    yield "Half-hour sub-parents, one after the other (n = 11 blocks, buys and sells together):"
    yield ""
    yield "| algorithm | shares | order at equal stamps | aggressive, bps [95 %] | passive_then_cross, bps [95 %] | passive / aggressive [95 %] | vs own horizon VWAP (consolidated): aggressive / passive, bps |"  # noqa: E501
    yield "|---|---:|---|---|---|---|---|"
    for arm in arms():
        if arm.parts == 1 or arm.style == "aggressive":
            continue
        control = Arm(arm.algorithm, "aggressive", arm.quantity, parts=11)
        mine, other = blocks(arm.names, table), blocks(control.names, table)
        (a, b), (c, d), (e, f) = interval(other), interval(mine), interval(mine, other)
        vwap = [measures(x.names, Scope.CONSOLIDATED)["vwap"] for x in (control, arm)]
        yield (
            f"| {arm.algorithm} | {arm.quantity:,} | {arm.order} | {ratio_bps(other):.2f} [{a:.2f}, {b:.2f}] "
            f"| {ratio_bps(mine):.2f} [{c:.2f}, {d:.2f}] | {ratio_bps(mine) / ratio_bps(other):.2f} [{e:.2f}, {f:.2f}] "
            f"| {vwap[0]:.2f} / {vwap[1]:.2f} |"
        )


def main() -> None:
    """Run every arm over the cores and write the table."""
    prepare()
    run_all(
        [
            (arm.name(side), run_file(arm.name(side), parents(arm, side), arm.order))
            for arm in arms()
            for side in SIDES
        ]
    )
    write(MARKERS, lines())


if __name__ == "__main__":
    main()
