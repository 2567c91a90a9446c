"""``exec-nt profile build`` on small files made here, and on the real volumes: days used, days refused."""

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

import polars as pl
import pytest
from typer.testing import CliRunner

from nautilus_exec.commands.profile import app
from nautilus_exec.curves.volume_profile import check_before
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.profiles import load
from nautilus_exec.units import HOUR, MINUTE

DATA = Path(os.environ.get("EXEC_NT_DATA", Path(__file__).parents[2] / "../shared/data"))
AAPL = DATA / "us-equity-volume-15min-2019" / "volume.parquet"
EQUITY = DATA / "equity-15-days-2019" / "trades.parquet"

# Around US Independence Day 2018: Tuesday 3 July closes at 13:00, the 4th is a holiday.
DAYS = ["2018-06-29", "2018-07-02", "2018-07-03", "2018-07-05", "2018-07-06", "2018-07-09"]
SHAPES = [(6, 3, 1), (2, 3, 5), (9, 0, 0), (5, 1, 4), (1, 1, 8), (0, 0, 1)]


def build(*options):
    """Run the command; what it refuses is raised."""
    result = CliRunner().invoke(app, ["build", *map(str, options)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*options):
    with pytest.raises(InvalidInput) as error:
        build(*options)
    return error.value


@pytest.fixture
def volumes(tmp_path):
    """Three bins a day, the session 09:30 to 16:00: 09:30, 10:00 and 15:30."""
    rows = [
        {"symbol": symbol, "bin_start": start, "date": day, "volume": 100.0 * volume * scale}
        for symbol, scale in (("ONE", 1), ("TWO", 2))
        for day, shape in zip(DAYS, SHAPES, strict=True)
        for start, volume in zip(("09:30 AM", "10:00 AM", "03:30 PM"), shape, strict=True)
    ]
    path = tmp_path / "volumes.csv"
    pl.DataFrame(rows).write_csv(path)
    return path


@pytest.fixture
def trades(tmp_path):
    """Return a file of two days of trades in UTC seconds of a market in New York, in July (UTC-4)."""

    def instant(day, hour, minute, second=0):
        return int(datetime(2018, 7, day, hour, minute, second, tzinfo=UTC).timestamp()) * 10**9

    rows = [
        (instant(5, 13, 29, 59), 1000),  # before the open
        (instant(5, 13, 30), 10),  # 09:30:00, the first instant
        (instant(5, 16, 44, 59), 20),  # 12:44:59, the first half
        (instant(5, 16, 45), 30),  # 12:45:00, the second half
        (instant(5, 19, 59, 59), 40),
        (instant(5, 20, 0, 7), 300),  # 16:00:07, the closing print
        (instant(6, 14, 0), 80),
        (instant(6, 19, 0), 20),
        (instant(6, 20, 0, 9), 100),
    ]
    path = tmp_path / "trades.parquet"
    pl.DataFrame(rows, schema=["ts_event", "size"], orient="row").write_parquet(path)
    return path


def test_only_days_before_until_are_used_and_the_half_day_is_left_out(volumes, tmp_path):
    out = tmp_path / "one.json"
    text = build(
        volumes, "--symbol", "ONE", "--days", 3, "--until", "2018-07-06", "--calendar", "XNYS", "--out", out
    )
    assert "used: 3 days, 2018-06-29 to 2018-07-05" in text
    assert "left out: 1 day, 2018-07-03: short day 09:30-13:00" in text
    assert "left out: 2 days, 2018-07-06 to 2018-07-09: on or after --until" in text
    made = load(out)
    # Fractions .6 .3 .1; .2 .3 .5; .5 .1 .4: medians .5 .3 .4 over 1.2.
    assert made.fractions == pytest.approx((5 / 12, 3 / 12, 4 / 12))
    assert [edge // MINUTE for edge in made.edges_ns] == [570, 600, 930, 960]
    assert (made.name, made.last_day, made.days, made.foreign) == ("one", "2018-07-05", 3, False)
    assert made.day_volume == 1000
    check_before(made, date(2018, 7, 6))
    with pytest.raises(InvalidInput, match="2018-07-05"):
        check_before(made, date(2018, 7, 5))


def test_the_newest_days_are_taken_and_the_mean_is_a_choice(volumes, tmp_path):
    arguments = [
        volumes,
        "--symbol",
        "TWO",
        "--days",
        2,
        "--until",
        "2018-07-06",
        "--calendar",
        "XNYS",
        "--mean",
    ]
    seen = json.loads(build(*arguments, "--out", tmp_path / "two.json", "--json"))
    assert seen["used"] == ["2018-07-02", "2018-07-05"]
    assert seen["left_out"][0] == {"day": "2018-06-29", "reason": "older than the days used"}
    assert seen["fractions"] == pytest.approx([0.35, 0.2, 0.45])
    assert seen["edges"] == ["09:30", "10:00", "15:30", "16:00"]


def test_too_few_days_are_an_error_that_names_how_many_there_are(volumes, tmp_path):
    arguments = [volumes, "--symbol", "ONE", "--days", 4, "--until", "2018-07-06", "--calendar", "XNYS"]
    error = refused(*arguments, "--out", tmp_path / "one.json")
    assert error.field == "days"
    assert "at most 3" in str(error)
    assert list(tmp_path.glob("*.json")) == []


def test_a_day_with_missing_bins_is_left_out(volumes, tmp_path):
    short = tmp_path / "short.csv"
    frame = pl.read_csv(volumes)
    frame.filter((pl.col("date") != "2018-07-02") | (pl.col("bin_start") != "10:00 AM")).write_csv(short)
    text = build(
        *(short, "--symbol", "ONE", "--days", 2, "--until", "2018-07-06", "--session", "09:30-16:00"),
        *("--timezone", "America/New_York", "--out", tmp_path / "one.json"),
    )
    assert "left out: 1 day, 2018-07-02: 1 of 3 bins missing, the first 10:00" in text


def test_a_foreign_profile_is_named_so_and_is_not_checked_against_the_order(volumes, tmp_path):
    out = tmp_path / "far.json"
    text = build(volumes, "--symbol", "ONE", "--days", 3, "--foreign", "--calendar", "XNYS", "--out", out)
    assert "FOREIGN" in text
    made = load(out)
    assert made.foreign
    assert made.source.startswith("foreign: ")
    assert made.last_day == "2018-07-09"
    check_before(made, date(2018, 1, 2))


def test_trades_fall_into_half_open_bins_of_the_local_clock(trades, tmp_path):
    seen = json.loads(
        build(
            *(trades, "--days", 2, "--mean", "--until", "2018-07-07", "--calendar", "XNYS", "--bins", "195m"),
            *("--closing-print", "--out", tmp_path / "t.json", "--json"),
        )
    )
    # Thursday 30 and 70 of 100, Friday 80 and 20 of 100: mean .55 and .45. Closing 300/400 and 100/200: mean .625.
    assert seen["edges"] == ["09:30", "12:45", "16:00"]
    assert seen["fractions"] == pytest.approx([0.55, 0.45])
    assert seen["closing_share"] == pytest.approx(0.625)
    assert seen["opening_share"] is None
    assert seen["day_volume"] == 100
    assert seen["notes"][-1] == "outside 09:30-16:00: volume 1,000 (83.33%) left out"


def test_without_the_closing_print_a_late_print_is_outside_the_session(trades, tmp_path):
    arguments = [
        trades,
        "--days",
        2,
        "--until",
        "2018-07-07",
        "--calendar",
        "XNYS",
        "--out",
        tmp_path / "t.json",
    ]
    text = build(*arguments)
    assert "outside 09:30-16:00: volume 1,400" in text
    assert load(tmp_path / "t.json").closing_share is None


def test_each_bad_request_is_one_line_that_names_its_field(volumes, trades, tmp_path):
    out = ["--out", tmp_path / "x.json"]
    new_york = ["--calendar", "XNYS", "--until", "2018-07-06"]
    cases = [
        ([tmp_path / "none.csv", *new_york, *out], "src"),
        ([volumes, *new_york, *out], "symbol"),
        ([volumes, "--symbol", "SIX", *new_york, *out], "symbol"),
        ([trades, "--symbol", "ONE", *new_york, *out], "symbol"),
        ([trades, "--instrument", "A.B", *new_york, *out], "instrument"),
        ([volumes, "--symbol", "ONE", "--closing-print", *new_york, *out], "closing-print"),
        ([volumes, "--symbol", "ONE", "--calendar", "XNYS", *out], "until"),
        ([volumes, "--symbol", "ONE", "--calendar", "XNYS", "--until", "6 July", *out], "until"),
        ([volumes, "--symbol", "ONE", "--until", "2018-07-06", *out], "calendar"),
        ([volumes, "--symbol", "ONE", "--calendar", "NYSE!", "--until", "2018-07-06", *out], "calendar"),
        ([volumes, "--symbol", "ONE", *new_york, "--timezone", "UTC", *out], "timezone"),
        ([trades, "--session", "09:30-16:00", "--until", "2018-07-06", *out], "timezone"),
        ([trades, "--session", "16:00-09:30", "--timezone", "UTC", "--until", "2018-07-06", *out], "session"),
        ([trades, "--session", "9-16", "--timezone", "UTC", "--until", "2018-07-06", *out], "session"),
        (
            [trades, "--session", "09:30-16:00", "--timezone", "Gotham", "--until", "2018-07-06", *out],
            "timezone",
        ),
        ([volumes, "--symbol", "ONE", "--bins", "10m", *new_york, *out], "bins"),
        ([trades, "--bins", "0m", *new_york, *out], "bins"),
        ([trades, "--days", 0, *new_york, *out], "days"),
        ([trades, "--size-column", "qty", *new_york, *out], "column"),
        ([trades, "--ts-column", "size", *new_york, *out], "ts"),
        ([volumes, "--symbol", "ONE", "--days", 1, *new_york, "--out", tmp_path / "x.txt"], "out"),
        ([volumes, "--symbol", "ONE", "--days", 1, *new_york, "--out", tmp_path / "a b.json"], "profile"),
    ]
    for options, field in cases:
        assert refused(*options).field == field, options
    assert list(tmp_path.glob("*.json")) == []


def test_a_file_with_condition_codes_is_refused_because_its_prints_have_no_class(trades, tmp_path):
    coded = tmp_path / "coded.parquet"
    pl.read_parquet(trades).with_columns(condition=pl.lit("6")).write_parquet(coded)
    error = refused(coded, "--calendar", "XNYS", "--until", "2018-07-07", "--out", tmp_path / "x.json")
    assert error.field == "src"


@pytest.mark.parametrize(("size", "ts"), [(0, None), (None, None), (5, 1)])
def test_a_size_of_zero_a_missing_value_or_a_wrong_unit_is_refused(trades, tmp_path, size, ts):
    frame = pl.read_parquet(trades)
    bad = pl.DataFrame({"ts_event": [frame["ts_event"][-1] if ts is None else ts], "size": [size]})
    path = tmp_path / "bad.parquet"
    pl.concat([frame, bad], how="vertical_relaxed").write_parquet(path)
    error = refused(path, "--calendar", "XNYS", "--until", "2018-07-07", "--out", tmp_path / "x.json")
    assert error.field == ("size" if ts is None else "ts")


def test_trades_out_of_order_cannot_tell_the_closing_print(trades, tmp_path):
    path = tmp_path / "mixed.parquet"
    pl.read_parquet(trades).reverse().write_parquet(path)
    options = [path, "--calendar", "XNYS", "--until", "2018-07-07", "--closing-print"]
    assert refused(*options, "--out", tmp_path / "x.json").field == "ts"


# Real volumes


@pytest.mark.data
@pytest.mark.skipif(not AAPL.is_file(), reason="the real market data is not here (EXEC_NT_DATA)")
def test_the_real_volumes_give_the_median_of_day_fractions(tmp_path):
    options = ["--symbol", "AAPL", "--days", 20, "--until", "2019-02-01", "--calendar", "XNYS"]
    seen = json.loads(build(AAPL, *options, "--out", tmp_path / "aapl.json", "--json"))
    rows = pl.read_parquet(AAPL).filter((pl.col("symbol") == "AAPL") & (pl.col("date") < "2019-02-01"))
    by_day = {}
    for _, start, day, volume in rows.iter_rows():
        by_day.setdefault(day, {})[start] = volume
    days = sorted(by_day)[-20:]
    shares = [median(by_day[d]["09:30 AM"] / sum(by_day[d].values()) for d in days)]
    starts = list(by_day[days[0]])
    total = sum(median(by_day[d][s] / sum(by_day[d].values()) for d in days) for s in starts)
    assert seen["used"] == days
    assert seen["fractions"][0] == pytest.approx(shares[0] / total)
    assert seen["edges_ns"][0] == 9 * HOUR + 30 * MINUTE
    assert len(seen["fractions"]) == 26


@pytest.mark.data
@pytest.mark.skipif(not EQUITY.is_file(), reason="the real market data is not here (EXEC_NT_DATA)")
def test_a_fifth_of_the_real_equity_trades_in_its_closing_auction(tmp_path):
    options = ["--days", 14, "--until", "2019-02-21", "--session", "09:00-17:00", "--closing-print"]
    seen = json.loads(
        build(EQUITY, *options, "--timezone", "Etc/GMT-2", "--out", tmp_path / "e.json", "--json")
    )
    assert len(seen["used"]) == 14
    assert seen["closing_share"] == pytest.approx(0.2, abs=0.05)
