"""The three pictures of a parent: the price with its fills, the schedule against the plan, and the cost's waterfall."""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from nautilus_exec.tca.report.columns import text
from nautilus_exec.tca.report.paths import Story

INK, SOFT, GRID = "#1b2733", "#8a97a6", "#e6eaef"
BAND, COST, GAIN = "rgba(74, 111, 165, 0.18)", "#b8443c", "#2f7d5b"
LIQUIDITY = {"TAKER": "#c8553d", "MAKER": "#2b6cb0", "AUCTION": "#b7791f"}
PARTS = {
    "delay": "Delay",
    "spread": "Spread",
    "drift": "Drift",
    "trading": "Trading",
    "opportunity": "Oppor-<br>tunity",
    "explicit": "Explicit",
}


def price_figure(story: Story) -> str:
    """Draw bid and ask as a band, the fills on it by liquidity side, the benchmarks as lines; return plotly JSON."""
    figure = go.Figure()
    path = story.path
    if path.height:
        at = _ms(path["ts"])
        line = {"color": "rgba(60, 95, 150, 0.65)", "width": 1, "shape": "hv"}
        figure.add_scatter(
            x=at, y=path["bid"].to_numpy(), mode="lines", line=line, name="bid", showlegend=False
        )
        figure.add_scatter(
            x=at,
            y=path["ask"].to_numpy(),
            mode="lines",
            line=line,
            name="bid to ask",
            fill="tonexty",
            fillcolor=BAND,
        )
    for name, group in story.fills.group_by("liquidity", maintain_order=True):
        _add_fills(figure, str(name[0]), group, story)
    for key, label, dash in (
        ("arrival_mid", "arrival", "dot"),
        ("vwap_horizon", "VWAP", "dash"),
        ("avg_px", "average", "solid"),
    ):
        _add_level(figure, story.parent, key, label, dash)
    return _finished(figure, height=360, y="price")


def schedule_figure(story: Story) -> str:
    """Draw what the schedule wanted done against what was filled, in units; return plotly JSON."""
    figure, parent = go.Figure(), story.parent
    if story.plan.height:
        figure.add_scatter(
            x=_ms(story.plan["ts"]),
            y=story.plan["planned"].to_numpy(),
            mode="lines",
            line={"shape": "hv", "color": SOFT, "width": 1.5, "dash": "dash"},
            name="planned",
        )
    start, end = parent["arrival_ns"], max(parent["ended_ns"], parent["last_fill_ns"] or 0)
    edges = pl.DataFrame({"ts": [start, end], "filled": [0.0, parent["filled"]]})
    done = pl.concat([edges[:1], story.done, edges[1:]])
    figure.add_scatter(
        x=_ms(done["ts"]),
        y=done["filled"].to_numpy(),
        mode="lines",
        line={"shape": "hv", "color": INK, "width": 2},
        name="filled",
    )
    figure.add_hline(y=parent["quantity"], line={"color": SOFT, "width": 1, "dash": "dot"})
    return _finished(figure, height=300, y="units")


def waterfall_figure(parent: dict[str, Any]) -> str | None:
    """Draw the cost from decision to end in bps of paper notional; return plotly JSON, None where it is undefined."""
    split = (
        ("spread", "drift") if parent["spread"] is not None and parent["drift"] is not None else ("trading",)
    )
    shown = [
        (key, label) for key, label in PARTS.items() if key in {"delay", *split, "opportunity", "explicit"}
    ]
    values = [parent[f"{key}_bps"] for key, _ in shown]
    if any(value is None for value in values):
        return None
    total = parent["shortfall_bps"]
    figure = go.Figure()
    figure.add_waterfall(
        x=[label for _, label in shown] + ["Shortfall"],
        y=[*values, total],
        measure=["relative"] * len(shown) + ["total"],
        text=[text(value, "bps") for value in (*values, total)],
        textposition="outside",
        cliponaxis=False,
        connector={"line": {"color": SOFT, "width": 1}},
        increasing={"marker": {"color": COST}},
        decreasing={"marker": {"color": GAIN}},
        totals={"marker": {"color": INK}},
        hoverinfo="x+text",
    )
    low, high = _reach(values)
    room = 0.18 * (high - low or 1.0)
    figure.update_yaxes(range=[low - room, high + room])
    return _finished(figure, height=300, y="bps, positive is a cost", dates=False)


def _reach(values: list[float]) -> tuple[float, float]:
    """Return the lowest and highest level that the waterfall passes, zero included."""
    level, low, high = 0.0, 0.0, 0.0
    for value in values:
        level += value
        low, high = min(low, level), max(high, level)
    return low, high


def _add_fills(figure: go.Figure, liquidity: str, group: pl.DataFrame, story: Story) -> None:
    largest = float(story.fills["qty"].max())  # type: ignore[arg-type] # a column of floats, not empty here
    # Many fills must not hide the price.
    scale = 1.0 if story.fills.height <= 100 else 0.75
    figure.add_scatter(
        x=_ms(group["ts"]),
        y=group["price"].to_numpy(),
        mode="markers",
        name=f"{liquidity.lower()} fill",
        marker={
            "symbol": "triangle-up" if story.parent["side"] > 0 else "triangle-down",
            "color": LIQUIDITY.get(liquidity, INK),
            "size": ((5 + 7 * (group["qty"] / largest).sqrt()) * scale).to_numpy(),
            "opacity": 0.85,
            "line": {"color": "white", "width": 0.5},
        },
        text=[f"{text(row['qty'], 'quantity')} at {row['venue']}" for row in group.iter_rows(named=True)],
        hovertemplate="%{y}<br>%{text}<br>%{x}<extra></extra>",
    )


def _add_level(figure: go.Figure, parent: dict[str, Any], key: str, label: str, dash: str) -> None:
    if parent[key] is None:
        return
    ends = pl.Series([parent["arrival_ns"], max(parent["ended_ns"], parent["arrival_ns"])])
    figure.add_scatter(
        x=_ms(ends),
        y=[parent[key]] * 2,
        mode="lines",
        name=f"{label} {text(parent[key], 'price')}",
        line={"color": INK, "width": 1, "dash": dash},
        hoverinfo="name",
    )


def _ms(stamps: pl.Series) -> Any:
    """Return milliseconds since the epoch, which a date axis takes as UTC."""
    return (stamps / 1e6).to_numpy()


def _finished(figure: go.Figure, *, height: int, y: str, dates: bool = True) -> str:
    figure.update_layout(
        template=None,
        height=height,
        margin={"l": 8, "r": 12, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12, "color": INK},
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
            "font": {"size": 11},
        },
        showlegend=dates,
        hovermode="closest",
    )
    figure.update_xaxes(automargin=True, gridcolor=GRID, zeroline=False, type="date" if dates else "category")
    figure.update_yaxes(
        automargin=True,
        gridcolor=GRID,
        zeroline=not dates,
        zerolinecolor=SOFT,
        title={"text": y, "font": {"size": 11}},
    )
    written: str = figure.to_json()
    return written
