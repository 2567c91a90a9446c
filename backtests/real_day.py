"""The main job on a real day: TWAP and VWAP, aggressive and passive, bought and sold, each arm in an engine of its own.

Writes the table of ``backtests/README.md`` between its two markers. Needs the real data: EXEC_NT_DATA, or
``../shared/data`` beside the project.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
from blocks import against_opening_mid, interval, paired, ratio_bps
from rich.progress import track

from nautilus_exec.costs.impact import average_of, square_root
from nautilus_exec.nautilus.backtest import run_backtest
from nautilus_exec.nautilus.catalog import Catalog, CatalogMarket
from nautilus_exec.tca.analysis import analyse
from nautilus_exec.tca.load import load_run
from nautilus_exec.tca.market import Scope, market_of

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "OUT" / "real-day"
CATALOG = OUT / "catalog"
DATA = Path(os.environ.get("EXEC_NT_DATA", HERE.parent.parent / "shared" / "data"))
INSTRUMENT = "XYZ.XNYS"
START, MINUTES = "2018-01-02T10:00:00-05:00", 330
START_NS = 1_514_905_200_000_000_000
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


def arms() -> Iterator[Arm]:
    """Every arm; the passive ones under both orders of prints and quotes at equal stamps."""
    for parts in (1, 11):
        for algorithm in ("TWAP", "VWAP"):
            for quantity in (20_000, 50_000):
                yield Arm(algorithm, "aggressive", quantity, parts=parts)
                for order in ("trades_first", "books_first"):
                    yield Arm(algorithm, "passive_then_cross", quantity, order, parts)


def run_file(arm: Arm, side: str) -> str:
    """The run file of one side of an arm."""
    share, extra = divmod(arm.quantity, arm.parts)
    lines = [f'id = "{arm.name(side)}"', f'catalog = "{CATALOG}"', f'print_order = "{arm.order}"']
    for part in range(arm.parts):
        start = np.datetime64(START_NS + part * MINUTES // arm.parts * 60 * 10**9, "ns")
        curve = 'volume_curve = "history"\nprofile = "foreign_aapl"' if arm.algorithm == "VWAP" else ""
        lines.append(
            f"""
[[parents]]
instrument = "{INSTRUMENT}"
side = "{side}"
quantity = {share + (part < extra)}
arrival = "{str(start)[:19]}+00:00"
algorithm = "{arm.algorithm}"
[parents.params]
duration = "{MINUTES // arm.parts}m"
interval = "60s"
style = "{arm.style}"
end_behavior = "complete_hard"
{curve}"""
        )
    return "\n".join(lines)


def one(job: tuple[Arm, str]) -> str:
    """Run one side of an arm in this process."""
    arm, side = job
    path = OUT / "files" / f"{arm.name(side)}.toml"
    path.write_text(run_file(arm, side))
    run_backtest(path, OUT / "runs")
    return arm.name(side)


def mids() -> pl.DataFrame:
    """Mids of the listing venue, the last of each instant."""
    quotes = Catalog(CATALOG).quotes(INSTRUMENT).drop_nulls()
    good = quotes.filter(
        (pl.col("bid_size") > 0) & (pl.col("ask_size") > 0) & (pl.col("bid") < pl.col("ask"))
    )
    rows = good.select("ts", mid=(pl.col("bid") + pl.col("ask")) / 2)
    return rows.unique("ts", keep="last", maintain_order=True).sort("ts").collect()


def fills(arm: Arm, side: str) -> pl.DataFrame:
    """What one side of an arm filled."""
    run = load_run(OUT / "runs" / arm.name(side))
    return run.fills.select(
        # A fill's own instant in the record: the engine's stamp.
        pl.col("ts_event").cast(pl.Int64),
        "side",
        units=pl.col("lots") * pl.col("lot"),
        price=pl.col("price_ticks") * pl.col("tick"),
    ).collect()


def blocks(arm: Arm, table: pl.DataFrame) -> pl.DataFrame:
    """Buy and sell of an arm as one, by half hour."""
    return paired(*(against_opening_mid(fills(arm, side), table, START_NS) for side in ("BUY", "SELL")))


def measures(arm: Arm, scope: Scope) -> dict[str, float]:
    """The pair's mean over all its parents of the metrics of the analysis."""
    source = CatalogMarket(Catalog(CATALOG))
    market = market_of(source, [INSTRUMENT], scope)
    frames = [analyse(load_run(OUT / "runs" / arm.name(side)), market).parents for side in ("BUY", "SELL")]
    both = pl.concat(frames)
    weight = both["filled"] / both["filled"].sum()
    return {
        "vwap": float((both["vwap_horizon_slippage_bps"] * weight).sum()),
        "deviation_max": float(both["schedule_deviation_max"].max() or 0.0) * 100,
        "deviation_mean": float(both["schedule_deviation_mean"].mean() or 0.0) * 100,
        "participation": float(both["participation"].mean() or 0.0) * 100,
        "done": float(both["filled"].sum() / both["quantity"].sum()) * 100,
    }


def sigma_bps(table: pl.DataFrame) -> float:
    """Daily volatility in bps, from the 5-minute mids of the window scaled to 390 minutes."""
    stamps = pl.DataFrame({"at": [START_NS + k * 300 * 10**9 for k in range(MINUTES // 5 + 1)]})
    at = stamps.join_asof(table, left_on="at", right_on="ts")["mid"].to_numpy()
    returns = np.diff(np.log(at))
    return float(np.sqrt((returns**2).sum() * 390 / MINUTES) * 1e4)


def day_volume() -> float:
    """All eligible shares of the day, auctions and off-exchange prints included."""
    catalog = Catalog(CATALOG)
    lit = sum(
        catalog.trades(i).select(pl.col("size").sum()).collect().item() or 0 for i in catalog.instruments.ids
    )
    rest = catalog.prints("XYZ").filter(pl.col("print_class").is_in(["off_exchange", "auction"]))
    return float(lit + rest.select(pl.col("size").sum()).collect().item())


def lines() -> Iterator[str]:
    """The rows of the table, and what is said below it."""
    table = mids()
    sigma, volume = sigma_bps(table), day_volume()
    yield "| algorithm | style | shares | order at equal stamps | vs slice's opening mid, bps [95 %] | vs horizon VWAP, bps: listing / consolidated | schedule deviation, max / mean | of listing / consolidated volume | done | model impact, bps |"  # noqa: E501
    yield "|---|---|---:|---|---|---|---|---|---:|---:|"
    for arm in arms():
        if arm.parts != 1:
            continue
        here = blocks(arm, table)
        low, high = interval(here)
        listing, whole = measures(arm, Scope.LISTING), measures(arm, Scope.CONSOLIDATED)
        impact = float(average_of(square_root(arm.quantity, volume, sigma)))
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
        mine, other = blocks(arm, table), blocks(control, table)
        (a, b), (c, d), (e, f) = interval(other), interval(mine), interval(mine, other)
        vwap = [measures(x, Scope.CONSOLIDATED)["vwap"] for x in (control, arm)]
        yield (
            f"| {arm.algorithm} | {arm.quantity:,} | {arm.order} | {ratio_bps(other):.2f} [{a:.2f}, {b:.2f}] "
            f"| {ratio_bps(mine):.2f} [{c:.2f}, {d:.2f}] | {ratio_bps(mine) / ratio_bps(other):.2f} [{e:.2f}, {f:.2f}] "
            f"| {vwap[0]:.2f} / {vwap[1]:.2f} |"
        )


def prepare() -> None:
    """Import the day and make the foreign profile, once."""
    source = DATA / "us-equity-12-venues-2018-01-02"
    if not source.is_dir():
        sys.exit(f"real_day: EXEC_NT_DATA: {str(DATA)!r}; expected the folder of the real market data")
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "files").mkdir(parents=True)
    command = f"{sys.executable} -m nautilus_exec.cli"
    volumes = DATA / "us-equity-volume-15min-2019" / "volume.parquet"
    for verb in (
        f"catalog import {source} --into {CATALOG} --instruments {HERE.parent}/catalogs/us-equity-12-venues.toml",
        f"profile build {volumes} --symbol AAPL --days 120 --foreign --calendar XNYS "
        f"--out {CATALOG}/profiles/foreign_aapl.json",
    ):
        if os.system(f"{command} {verb} > {OUT}/prepare.log") != 0:
            sys.exit(f"real_day: {verb} failed")


def main() -> None:
    """Run every arm over the cores and write the table."""
    prepare()
    jobs = [(arm, side) for arm in arms() for side in ("BUY", "SELL")]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for _ in track(pool.map(one, jobs), "running the arms", total=len(jobs)):
            pass
    page = HERE / "README.md"
    before, _, rest = page.read_text().partition(MARKERS[0])
    after = rest.partition(MARKERS[1])[2]
    page.write_text(before + "\n".join([MARKERS[0], "", *lines(), "", MARKERS[1]]) + after)


if __name__ == "__main__":
    main()
