"""The figures a report shows: key, heading, kind and meaning, once for the terminal, the JSON and the page."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nautilus_exec.tca.fills import HORIZONS

ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """One figure: its stable key in the JSON, its heading, how it is written, and what it is."""

    key: str
    head: str
    kind: str
    """text, count, quantity, price, money, bps, share, ratio or time."""
    meaning: str


def _columns(*rows: tuple[str, str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in rows)


IDENTITY = _columns(
    ("run_id", "Run", "text", "run"),
    ("parent_id", "Parent", "text", "parent order"),
    ("algorithm", "Algorithm", "text", "algorithm id"),
    ("strategy_id", "Strategy", "text", "strategy that owns the order"),
    ("instrument", "Instrument", "text", "the parent's own instrument"),
    ("mode", "Mode", "text", "backtest, paper or live"),
    ("side", "Side", "side", "+1 buy, -1 sell"),
    ("status", "Status", "text", "how the parent ended"),
    ("reason", "Reason", "text", "why it ended so"),
    ("currency", "Currency", "text", "currency of every amount"),
)
TIMES = _columns(
    ("received_ns", "Received", "time", "receipt, UTC nanoseconds"),
    ("arrival_ns", "Arrival", "time", "max(receipt, start), UTC nanoseconds"),
    ("end_ns", "Horizon end", "time", "end of the horizon, UTC nanoseconds"),
    ("ended_ns", "Ended", "time", "end of the parent, UTC nanoseconds"),
    ("last_fill_ns", "Last fill", "time", "last fill, UTC nanoseconds"),
)
DONE = _columns(
    ("quantity", "Quantity", "quantity", "Q, ordered, units"),
    ("filled", "Filled", "quantity", "q, units"),
    ("completion", "Done", "share", "q / Q"),
    ("notional", "Notional", "money", "sum q_i p_i"),
    ("fees", "Fees", "money", "commission, fees and taxes less rebates; positive when paid"),
    ("children", "Children", "count", "child orders sent"),
    ("fills", "Fills", "count", "fills"),
    ("rejects", "Rejects", "count", "children refused"),
)
PRICES = _columns(
    ("avg_px", "Average", "price", "P̄, share-weighted fill price"),
    ("decision_mid", "Decision", "price", "P_d, mid at receipt"),
    ("arrival_mid", "Arrival mid", "price", "P_0, mid at arrival"),
    ("end_mid", "End mid", "price", "P_n, mid at the end"),
    ("vwap_horizon", "VWAP", "price", "VWAP of the horizon [arrival, end), own volume counted once"),
    ("vwap_interval", "Interval VWAP", "price", "VWAP from arrival to the last fill, its instant included"),
    ("vwap_ex_own", "VWAP ex own", "price", "the others' VWAP of the horizon"),
    ("twap", "TWAP", "price", "mid of the horizon, weighted by duration"),
)
SLIPPAGES = _columns(
    ("arrival_slippage_bps", "vs arrival", "bps", "D (P̄ - P_0) / P_0"),
    ("vwap_horizon_slippage_bps", "vs VWAP", "bps", "D (P̄ - VWAP) / VWAP over the horizon (8a)"),
    ("vwap_interval_slippage_bps", "vs interval VWAP", "bps", "the same to the last fill (8b)"),
    ("twap_slippage_bps", "vs TWAP", "bps", "D (P̄ - TWAP) / TWAP"),
)
PARTS = _columns(
    ("shortfall", "Shortfall", "money", "Perold: D [q (P̄ - P_d) + (Q - q)(P_n - P_d)] + fees"),
    ("delay", "Delay", "money", "D Q (P_0 - P_d)"),
    ("trading", "Trading", "money", "D q (P̄ - P_0)"),
    (
        "spread",
        "Spread",
        "money",
        "of trading: sum D q_i (p_i - m_f,i), m_f the mid strictly before the fill",
    ),
    ("drift", "Drift", "money", "of trading: sum D q_i (m_f,i - P_0): impact and timing together"),
    ("opportunity", "Opportunity", "money", "D (Q - q)(P_n - P_0)"),
    ("explicit", "Explicit", "money", "fees"),
)
PARTS_BPS = tuple(Column(f"{c.key}_bps", c.head, "bps", f"{c.meaning}, over Q P_d") for c in PARTS)
BEHAVIOUR = _columns(
    ("participation", "POV", "share", "q / V over the life of the order"),
    ("participation_max_5m", "POV, max 5m", "share", "largest q / V of the five minutes up to a fill"),
    ("market_volume", "Market volume", "quantity", "V over the life of the order, own volume counted once"),
    ("schedule_deviation_max", "Off schedule, max", "share", "largest |filled - planned| / Q at a decision"),
    (
        "schedule_deviation_mean",
        "Off schedule, mean",
        "share",
        "mean |filled - planned| / Q over the decisions",
    ),
)
RATES = _columns(
    ("fill_rate", "Fill rate", "share", "lots filled over lots sent"),
    ("reject_rate", "Reject rate", "share", "children rejected"),
    ("cancel_rate", "Cancel rate", "share", "children cancelled"),
)
QUALITY = (
    *_columns(
        (
            "effective_spread_bps",
            "Eff. spread",
            "bps",
            "2 D (p - m) / m, m the mid when a taker was sent, else m_f",
        ),
        ("e_over_q", "E/Q", "ratio", "effective over quoted spread; locked quotes left out"),
        ("price_improvement", "Improvement", "price", "takers: D (touch - p) per unit; positive is good"),
        ("share_improved", "Improved", "share", "takers: share of units better than the touch"),
    ),
    *(
        column
        for h in HORIZONS
        for column in _columns(
            (f"markout_{h}_bps", f"Markout {h}", "bps", f"D (m - p) / p after {h}; positive is good"),
            (f"unobserved_{h}", f"Unseen {h}", "count", f"fills without a mid after {h}"),
            (f"realised_spread_{h}_bps", f"Realised {h}", "bps", f"2 D (p - m') / m, m' the mid after {h}"),
            (f"price_impact_{h}_bps", f"Impact {h}", "bps", f"2 D (m' - m) / m, m' the mid after {h}"),
            (f"adverse_selection_{h}_bps", f"Adverse {h}", "bps", f"makers: -D (m' - m_f) / m_f after {h}"),
        )
    ),
)
GROUP = _columns(
    ("parents", "Parents", "count", "parents in the group"),
    ("denied", "Denied", "count", "parents refused, without a cost"),
    ("n_shortfall", "with shortfall", "count", "parents whose shortfall and parts are defined"),
    ("n_arrival", "with arrival", "count", "parents measured against arrival"),
    ("n_vwap_horizon", "with VWAP", "count", "parents measured against the horizon's VWAP"),
    ("n_vwap_interval", "with interval VWAP", "count", "parents measured against the interval's VWAP"),
    ("n_twap", "with TWAP", "count", "parents measured against TWAP"),
    ("n_participation", "with participation", "count", "parents whose market volume is known"),
)
VENUE = _columns(
    ("venue", "Venue", "text", "venue of the fills; 'parent' is what belongs to no venue"),
    ("liquidity", "Liquidity", "text", "MAKER, TAKER or AUCTION"),
    (
        "cost",
        "Cost",
        "money",
        "the row's share of the shortfall: trading and explicit; of 'parent' delay and opportunity",
    ),
)

PARENT_COLUMNS = (
    *IDENTITY, *TIMES, *DONE, *PRICES, *SLIPPAGES, *PARTS, *PARTS_BPS, *BEHAVIOUR, *RATES, *QUALITY,
)  # fmt: skip
_BY_KEY = {column.key: column for column in (*PARENT_COLUMNS, *GROUP, *VENUE)}


def pick(*keys: str) -> tuple[Column, ...]:
    """Return the columns of these keys, in this order."""
    return tuple(_BY_KEY[key] for key in keys)


_SHARED = (*GROUP, *DONE, *SLIPPAGES, *PARTS, *PARTS_BPS, *BEHAVIOUR, *QUALITY)
TOTAL_COLUMNS = (*pick("currency"), *_SHARED)
ALGORITHM_COLUMNS = (*pick("algorithm", "currency"), *_SHARED)
VENUE_COLUMNS = (
    *pick("venue", "liquidity", "currency", "cost", "fills", "filled", "notional"), *PARTS[1:], *QUALITY,
)  # fmt: skip

_PLACES = {"price": ",.4f", "money": ",.2f", "bps": ",.2f", "ratio": ".2f", "count": ",d"}


def text(value: Any, kind: str) -> str:
    """Write one figure for people; what was not observed is a dash, never zero."""
    if value is None:
        return ABSENT
    if kind == "share":
        return f"{value:.2%}"
    if kind == "side":
        return "BUY" if value > 0 else "SELL"
    if kind == "quantity":
        return f"{value:,.8f}".rstrip("0").rstrip(".")
    if kind == "time":
        return f"{datetime.fromtimestamp(value // 10**9, UTC):%Y-%m-%d %H:%M:%S}"
    # Adding zero turns a rounded -0.00 into 0.00.
    return format(round(value, 6) + 0, _PLACES[kind]) if kind in _PLACES else str(value)
