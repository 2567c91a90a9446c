"""What the studies of the twelve-venue day share: its data, one engine run per arm and side, and their measures."""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl
from blocks import SLICE_NS, against_opening_mid, paired
from rich.progress import track

from nautilus_exec.costs.impact import average_of, square_root
from nautilus_exec.nautilus.backtest import run_backtest
from nautilus_exec.nautilus.catalog import Catalog, CatalogMarket
from nautilus_exec.tca.analysis import analyse
from nautilus_exec.tca.load import Run, load_run
from nautilus_exec.tca.market import Scope, market_of

HERE = Path(__file__).resolve().parent
OUT = HERE.parent / "OUT" / "real-day"
CATALOG = OUT / "catalog"
DATA = Path(os.environ.get("EXEC_NT_DATA", HERE.parent.parent / "shared" / "data"))
INSTRUMENT = "XYZ.XNYS"
MINUTES = 330
START_NS = 1_514_905_200_000_000_000
"""2018-01-02 10:00 New York."""
SIDES = ("BUY", "SELL")


def parent(
    algorithm: str,
    side: str,
    quantity: int,
    params: Mapping[str, object],
    start_ns: int = START_NS,
    limit: str | None = None,
) -> str:
    """One parent of a run file."""
    arrival = f"{str(np.datetime64(start_ns, 'ns'))[:19]}+00:00"
    given = {"instrument": INSTRUMENT, "side": side, "quantity": quantity, "arrival": arrival}
    given |= {"algorithm": algorithm} | ({} if limit is None else {"limit_price": limit})
    return "\n".join(["[[parents]]", *_pairs(given), "[parents.params]", *_pairs(params)])


def _pairs(values: Mapping[str, object]) -> list[str]:
    return [
        f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}"
        for name, value in values.items()
    ]


def run_file(name: str, parents: Iterable[str], order: str) -> str:
    """A run file on the day's catalog."""
    return "\n".join([f'id = "{name}"', f'catalog = "{CATALOG}"', f'print_order = "{order}"', *parents])


def one(job: tuple[str, str]) -> None:
    """Run one run file, given with its id, in this process."""
    name, text = job
    shutil.rmtree(OUT / "runs" / name, ignore_errors=True)
    path = OUT / "files" / f"{name}.toml"
    path.write_text(text)
    run_backtest(path, OUT / "runs")


def run_all(jobs: list[tuple[str, str]]) -> None:
    """Run every job, each in a process, over the cores."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for _ in track(pool.map(one, jobs), "running the arms", total=len(jobs)):
            pass


def load(name: str) -> Run:
    """The records of a run."""
    return load_run(OUT / "runs" / name)


def fills(name: str) -> pl.DataFrame:
    """What a run filled."""
    return (
        load(name)
        .fills.select(
            # A fill's own instant in the record: the engine's stamp.
            pl.col("ts_event").cast(pl.Int64),
            "sent_ns",
            "side",
            "liquidity",
            units=pl.col("lots") * pl.col("lot"),
            price=pl.col("price_ticks") * pl.col("tick"),
        )
        .collect()
    )


def quotes() -> pl.DataFrame:
    """Sound two-sided quotes of the listing venue, the last of each instant, with their mid."""
    rows = Catalog(CATALOG).quotes(INSTRUMENT).drop_nulls()
    good = rows.filter((pl.col("bid_size") > 0) & (pl.col("ask_size") > 0) & (pl.col("bid") < pl.col("ask")))
    good = good.with_columns(mid=(pl.col("bid") + pl.col("ask")) / 2)
    return good.unique("ts", keep="last", maintain_order=True).sort("ts").collect()


def mids() -> pl.DataFrame:
    """Mids of the listing venue, the last of each instant."""
    return quotes().select("ts", "mid")


def blocks(names: Iterable[str], table: pl.DataFrame, slice_ns: int = SLICE_NS) -> pl.DataFrame:
    """A buy and a sell of an arm as one, by half hour."""
    return paired(*(against_opening_mid(fills(name), table, START_NS, slice_ns) for name in names))


def measures(names: Iterable[str], scope: Scope) -> dict[str, float]:
    """The pair's mean over all its parents of the metrics of the analysis."""
    market = market_of(CatalogMarket(Catalog(CATALOG)), [INSTRUMENT], scope)
    both = pl.concat([analyse(load(name), market).parents for name in names])
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


def impact_bps(quantity: float, volume: float, sigma: float) -> float:
    """The model's mean cost of an order worked at a constant rate."""
    return float(average_of(square_root(quantity, volume, sigma)))


def prepare() -> None:
    """Import the day and make the foreign profile, anew."""
    source = DATA / "us-equity-12-venues-2018-01-02"
    if not source.is_dir():
        sys.exit(f"study: EXEC_NT_DATA: {str(DATA)!r}; expected the folder of the real market data")
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
            sys.exit(f"study: {verb} failed")


def write(markers: tuple[str, str], lines: Iterable[str]) -> None:
    """Put the lines between two markers of the page."""
    page = HERE / "README.md"
    before, _, rest = page.read_text().partition(markers[0])
    after = rest.partition(markers[1])[2]
    page.write_text(before + "\n".join([markers[0], "", *lines, "", markers[1]]) + after)
