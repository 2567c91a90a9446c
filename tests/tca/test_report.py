"""The same figures in the terminal, in JSON and on the page; the page stands alone."""

import json
import re

import polars as pl
import pytest
from rich.console import Console

from nautilus_exec.tca.analysis import Analysis, analyse
from nautilus_exec.tca.load import Run
from nautilus_exec.tca.market import Market, no_market
from nautilus_exec.tca.report import html
from nautilus_exec.tca.report.as_json import to_json
from nautilus_exec.tca.report.columns import text
from nautilus_exec.tca.report.figures import waterfall_figure
from nautilus_exec.tca.report.paths import MARKERS, POINTS, stories
from nautilus_exec.tca.report.terminal import tables, worst
from tests.runs import fill, market_of, parent, run_of, synthetic

MARK = "PLOTLY-SOURCE"


@pytest.fixture(scope="module")
def told() -> tuple[Analysis, Run, Market]:
    run, market = synthetic()
    return analyse(run, market), run, market


@pytest.fixture(scope="module")
def page(told: tuple[Analysis, Run, Market]) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(html, "get_plotlyjs", lambda: MARK)
        return html.to_html(*told)


def printed(analysis: Analysis, width: int = 110) -> str:
    console = Console(width=width, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: SIM115
    for table in tables(analysis):
        console.print(table)
    return console.export_text()


def test_terminal_json_and_page_say_the_same(told: tuple[Analysis, Run, Market], page: str) -> None:
    analysis = told[0]
    shown, decoded = printed(analysis), json.loads(to_json(analysis))
    for key in ("shortfall_bps", "arrival_slippage_bps", "vwap_horizon_slippage_bps"):
        figure = analysis.totals[key].item()
        assert decoded["totals"][0][key] == pytest.approx(figure, rel=1e-11)
        assert text(figure, "bps") in shown
        assert text(figure, "bps") in page


def test_every_json_key_of_a_row_is_explained(told: tuple[Analysis, Run, Market]) -> None:
    decoded = json.loads(to_json(told[0]))
    for table in ("totals", "algorithms", "parents", "venues"):
        assert decoded[table]
        assert set(decoded[table][0]) <= set(decoded["columns"])


def test_json_holds_null_for_what_was_not_observed() -> None:
    done = analyse(run_of([parent()], [fill("P-1", 0, 100, 10.1)]), no_market())
    row = json.loads(to_json(done))["parents"][0]
    assert row["vwap_horizon"] is None
    assert row["participation"] is None
    assert "NaN" not in to_json(done)


def test_the_page_fetches_nothing_and_has_plotly_once(page: str) -> None:
    assert not re.search(r"(src|href)\s*=", page)
    assert "http" not in page.replace("http-equiv", "")
    assert page.count(MARK) == 1


def test_the_page_states_what_the_simulation_cannot_show(page: str) -> None:
    for said in (
        "Fills do not move the market",
        "Our prints are not on the tape",
        "trades, books, quote",
        "XNYS 2ms",
        "maker -0.20 taker 0.30 bps",
        "listing: whose prints count as volume",
    ):
        assert said in page


def test_a_live_run_claims_no_simulation() -> None:
    run = run_of([parent(mode="live")], [fill("P-1", 0, 100, 10.1)], meta={"R-1": {"mode": "live"}})
    assert "What this simulation cannot show" not in html.to_html(analyse(run, no_market()), run, no_market())


def test_names_from_outside_cannot_break_the_page() -> None:
    evil = "</script><b>x"
    run = run_of([parent(evil, reason=evil)], [fill(evil, 0, 100, 10.1, venue=evil)])
    made = html.to_html(analyse(run, no_market()), run, no_market())
    assert evil not in made
    figures = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', made, re.S)
    assert len(figures) == 3
    for figure in figures:
        assert json.loads(figure)["data"]


def test_the_price_path_is_thinned_and_keeps_the_largest_fills() -> None:
    quotes = [(n / 10, 9.99, 10.01) for n in range(40_000)]
    fills = [fill("P-1", n, 1 + n % 2, 10.0) for n in range(3_000)]
    run, market = run_of([parent(quantity=4_500, filled=4_500)], fills), market_of(quotes)
    done = analyse(run, market)
    story = stories(done.parents, done.fills, run, market)[0]
    assert POINTS * 0.9 <= story.path.height <= POINTS + 1
    assert story.fills.height == MARKERS
    assert story.fills["qty"].unique().to_list() == [2.0]
    assert story.done["filled"].item(-1) == 4_500


def test_a_waterfall_without_a_decision_mid_is_not_drawn() -> None:
    done = analyse(run_of([parent(decision_px=None)], [fill("P-1", 0, 100, 10.1)]), no_market())
    assert waterfall_figure(done.parents.row(0, named=True)) is None


def test_a_waterfall_without_quotes_shows_trading_whole() -> None:
    done = analyse(run_of([parent()], [fill("P-1", 0, 100, 10.1)]), no_market())
    drawn = json.loads(waterfall_figure(done.parents.row(0, named=True)) or "")["data"][0]
    assert drawn["x"] == ["Delay", "Trading", "Oppor-<br>tunity", "Explicit", "Shortfall"]


def test_the_costliest_parents_are_kept_in_their_order() -> None:
    table = pl.DataFrame({"parent_id": ["a", "b", "c", "d"], "shortfall_bps": [1.0, 9.0, None, 5.0]})
    assert worst(table, 2)["parent_id"].to_list() == ["b", "d"]
    assert worst(table, 9)["parent_id"].to_list() == ["a", "b", "c", "d"]


def test_a_run_without_fills_reports() -> None:
    run = run_of([parent(status="DENIED", filled=0, remainder=100)])
    done = analyse(run, no_market())
    assert "Parents denied, without a cost: 1." in done.notes
    assert "DENIED" in printed(done)
    assert "DENIED" in html.to_html(done, run, no_market())


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (None, "bps", "–"),
        (-0.0000001, "bps", "0.00"),
        (0.1207, "share", "12.07%"),
        (-1, "side", "SELL"),
        (0.00012, "quantity", "0.00012"),
        (1_234_567.0, "quantity", "1,234,567"),
        (3, "count", "3"),
        (1_514_903_400_000_000_000, "time", "2018-01-02 14:30:00"),
    ],
)
def test_figures_are_written_for_people(value: float | None, kind: str, written: str) -> None:
    assert text(value, kind) == written
