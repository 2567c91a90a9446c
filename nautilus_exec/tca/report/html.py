"""The analysis as one self-contained page: no file beside it, no address to fetch."""

import json
from importlib import resources
from typing import Any

import jinja2
import polars as pl
from plotly.offline import get_plotlyjs

from nautilus_exec.tca.analysis import Analysis
from nautilus_exec.tca.load import PARENT_KEY, Run, assumptions_of
from nautilus_exec.tca.market import Market
from nautilus_exec.tca.report.as_json import rows
from nautilus_exec.tca.report.columns import (
    BEHAVIOUR,
    DONE,
    PARTS,
    PARTS_BPS,
    PRICES,
    QUALITY,
    RATES,
    SLIPPAGES,
    TIMES,
    Column,
    pick,
    text,
)
from nautilus_exec.tca.report.figures import price_figure, schedule_figure, waterfall_figure
from nautilus_exec.tca.report.paths import Story, stories
from nautilus_exec.tca.report.terminal import PARENT_TABLE, worst

MOST = 50
"""Parents with pictures, the costliest; chosen by us: the page stays under about ten megabytes."""
LISTED = 1_000
"""Parents in the table, the costliest; chosen by us."""

HEADLINE = pick(
    "shortfall_bps", "arrival_slippage_bps", "vwap_horizon_slippage_bps", "twap_slippage_bps", "participation",
    "completion",
)  # fmt: skip
DONE_TABLE = (*pick("parents", "denied"), *DONE)
ALGORITHM_TABLE = pick(
    "algorithm", "currency", "parents", "completion", "notional", "arrival_slippage_bps", "vwap_horizon_slippage_bps",
    "vwap_interval_slippage_bps", "twap_slippage_bps", "shortfall_bps", "participation", "fees",
)  # fmt: skip
VENUE_TABLE = pick(
    "venue", "liquidity", "fills", "filled", "cost", "trading", "spread", "drift", "explicit", "delay", "opportunity",
    "effective_spread_bps", "e_over_q", "share_improved",
)  # fmt: skip
MARKOUT_TABLE = (
    *pick("venue", "liquidity"),
    *(c for c in QUALITY if c.key.startswith(("markout", "unobserved", "adverse"))),
)
_SPREADS = pick("effective_spread_bps", "e_over_q", "price_improvement", "share_improved")
FACTS = (
    *pick("status", "reason"), *TIMES, *pick("quantity", "filled"), *PRICES, *SLIPPAGES, *BEHAVIOUR, *RATES, *_SPREADS,
)  # fmt: skip

LIMITS = (
    (
        "Fills do not move the market",
        "The tape replays as if we had not traded: the impact of a real order is missing from every figure.",
    ),
    (
        "Our prints are not on the tape",
        "Participation and VWAP add our own volume to the tape's once: V = V_tape + q.",
    ),
)
_BPS = "Slippages and shortfall in bps."
_COST = "Effective spread in bps, all else in the order's currency. The costs add up to the shortfall."
_AFTER = (
    "In bps: a positive markout is good, a positive adverse selection bad. Unseen: the data ends before it."
)
STATED = {
    "fill model": "How orders fill",
    "order at equal stamps": "Order of prints and quotes at equal instants",
    "latency": "Latency",
    "fees": "Fee model",
}
"""Assumptions that every simulation has, by their key in run.json; the page says so where a run does not state one."""
_HIDDEN = frozenset({"run_id", "assumptions", "folder", "parents"})


def to_html(analysis: Analysis, run: Run, market: Market, title: str = "Execution cost") -> str:
    """Return the page: what ran and what was assumed, the tables, and the ``MOST`` costliest parents in pictures.

    Figures and tables come from ``analysis``; ``run`` and ``market`` give the pictures their lines.
    """
    ranked = worst(analysis.parents, MOST)
    told = stories(ranked, analysis.fills, run, market)
    page = _environment().get_template("page.html.j2")
    return page.render(
        title=title,
        runs=[_run_facts(run_id, meta) for run_id, meta in analysis.meta.items()],
        simulated=analysis.parents.filter(pl.col("mode") != "live").height > 0,
        limits=[
            *LIMITS,
            *_stated(analysis.meta),
            ("Volume scope", f"{analysis.scope}: whose prints count as volume."),
        ],
        notes=analysis.notes,
        totals=[
            _total(row)
            for row in rows(analysis.totals, (*pick("currency"), *DONE_TABLE, *HEADLINE, *PARTS, *PARTS_BPS))
        ],
        tables=_tables(analysis),
        parents=[_panel(story) for story in told],
        left_out=analysis.parents.height - len(told),
        legend=_legend(),
        plotly=get_plotlyjs(),
    )


def _environment() -> jinja2.Environment:
    folder = resources.files("nautilus_exec.tca.report") / "templates"
    loader = jinja2.FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8"))
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )


def _run_facts(run_id: str, meta: dict[str, Any]) -> dict[str, Any]:
    facts = {key: value for key, value in meta.items() if key not in _HIDDEN}
    assumed = {key: value for key, value in assumptions_of(meta).items() if key not in STATED}
    return {"run_id": run_id, "facts": _flat(facts), "assumptions": _flat(assumed)}


def _flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Flatten nested tables to dotted names, so that any run.json can be shown."""
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{prefix}{key}.")]
    written = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return [(prefix.rstrip(".").replace("_", " "), written)] if written else []


def _stated(meta: dict[str, Any]) -> list[tuple[str, str]]:
    """Say per assumption what the runs state; what no run states is said to be unstated."""
    given = [assumptions_of(one) for one in meta.values()]
    return [
        (what, "; ".join(sorted({str(a[key]) for a in given if key in a})) or "not stated by the run")
        for key, what in STATED.items()
    ]


def _cell(row: dict[str, Any], column: Column) -> dict[str, Any]:
    return {
        "head": column.head,
        "text": text(row[column.key], column.kind),
        "words": column.kind in {"text", "side"},
        "unit": _unit(column) if row[column.key] is not None else "",
    }


def _total(row: dict[str, Any]) -> dict[str, Any]:
    cards = [_cell(row, column) | {"meaning": column.meaning} for column in HEADLINE]
    parts = [(c.head, text(row[c.key], c.kind), text(row[f"{c.key}_bps"], "bps"), c.meaning) for c in PARTS]
    done = [_cell(row, column) for column in DONE_TABLE]
    return {"currency": row["currency"], "cards": cards, "parts": parts, "done": done}


def _unit(column: Column) -> str:
    return "bps" if column.kind == "bps" else ""


def _tables(analysis: Analysis) -> list[dict[str, Any]]:
    several = analysis.parents["run_id"].n_unique() > 1
    listed = worst(analysis.parents, LISTED)
    every = listed.height == analysis.parents.height
    after = analysis.venues.filter(pl.col("venue") != "parent")
    return [
        _table("By algorithm", _BPS, analysis.algorithms, ALGORITHM_TABLE),
        _table("By venue and liquidity", _COST, analysis.venues, VENUE_TABLE),
        _table("After the fill", _AFTER, after, MARKOUT_TABLE),
        _table(
            "Parents" if every else f"The {LISTED} costliest parents",
            _BPS,
            listed,
            (*pick("run_id"), *PARENT_TABLE) if several else PARENT_TABLE,
        ),
    ]


def _table(title: str, says: str, frame: pl.DataFrame, columns: tuple[Column, ...]) -> dict[str, Any]:
    body = [[_cell(row, column) for column in columns] for row in rows(frame, columns)]
    return {"title": title, "says": says, "heads": columns, "rows": body}


def _panel(story: Story) -> dict[str, Any]:
    parent = story.parent
    name = " · ".join(str(parent[key]) for key in PARENT_KEY)
    figures = {
        "Price and fills": price_figure(story),
        "Schedule against plan": schedule_figure(story),
        "Cost from decision to end": waterfall_figure(parent),
    }
    # "</" would end the script element that carries the figure.
    safe = {caption: figure and figure.replace("</", "<\\/") for caption, figure in figures.items()}
    return {
        "name": name,
        "parent": parent,
        "side": text(parent["side"], "side"),
        "cost": text(parent["shortfall_bps"], "bps"),
        "quantity": text(parent["quantity"], "quantity"),
        "figures": safe,
        "facts": [_cell(parent, column) for column in FACTS],
        "params": _flat(json.loads(parent["params"] or "{}")),
    }


def _legend() -> list[tuple[str, str]]:
    first_horizon = QUALITY[len(_SPREADS) : len(_SPREADS) + 5]
    return [(c.head, c.meaning) for c in (*SLIPPAGES, *PARTS, *BEHAVIOUR, *RATES, *_SPREADS, *first_horizon)]
