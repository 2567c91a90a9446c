"""What a user can get wrong: one line that names it, and the catalog as it was."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from nautilus_exec.commands.catalog import app
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.catalog import Catalog
from nautilus_exec.nautilus.importers import staging
from nautilus_exec.nautilus.importers.run import Options, import_files
from tests.fixtures.excerpt import INSTRUMENTS, frame, write


@pytest.fixture
def src(tmp_path):
    return write(tmp_path / "src")


@pytest.fixture
def catalog(tmp_path):
    """Return a catalog that has the day before."""
    day = write(tmp_path / "before")
    for kind in ("quotes", "trades"):
        rows = frame(kind).with_columns(pl.col("ts_event") - 3 * 86_400 * 10**9)
        rows.write_parquet(day / f"{kind}.parquet")
    import_files(day, tmp_path / "catalog", day / "instruments.toml")
    return tmp_path / "catalog"


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def refused(src: Path, catalog: Path, instruments: Path | None = None) -> str:
    """Import and return the one line of the refusal; the catalog and what lies beside it must be as before."""
    before, beside = tree(catalog), sorted(catalog.parent.iterdir())
    with pytest.raises(InvalidInput) as caught:
        import_files(src, catalog, instruments or src / "instruments.toml")
    assert tree(catalog) == before
    assert sorted(catalog.parent.iterdir()) == beside
    assert "\n" not in str(caught.value)
    return str(caught.value)


def quotes(**changes: pl.Expr):
    return lambda src: frame("quotes").with_columns(**changes).write_parquet(src / "quotes.parquet")


def trades(**changes: pl.Expr):
    return lambda src: frame("trades").with_columns(**changes).write_parquet(src / "trades.parquet")


def toml(old: str, new: str):
    return lambda src: (src / "instruments.toml").write_text(INSTRUMENTS.replace(old, new))


def first(column: str, value: object) -> pl.Expr:
    """Return the column with another first value."""
    return pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(value)).otherwise(pl.col(column))


CASES = {
    "a column is missing": (
        lambda src: frame("quotes").drop("bid_size").write_parquet(src / "quotes.parquet"),
        "column: 'bid_size'; expected in quotes.parquet for bid_size; it has ts_event, venue, bid",
    ),
    "a price is text": (
        quotes(bid=first("bid", "ten").cast(pl.String)),
        "expected numbers where numbers belong",
    ),
    "a price is off the tick": (
        quotes(bid=first("bid", 9.905)),
        "bid: 9.905; expected a non-negative multiple of 0.01 for ABC.ARCX at",
    ),
    "a price is of another unit": (
        trades(price=pl.col("price") / 7),
        # The auctions are looked for first: 10.02 of the close.
        "price: 1.43142",
    ),
    "a price is not a number": (
        quotes(ask=first("ask", float("nan"))),
        "ask: nan; expected a non-negative multiple",
    ),
    "a price is negative": (quotes(ask=first("ask", -1.0)), "ask: -1.0; expected a non-negative multiple"),
    "a size is off the lot": (
        quotes(bid_size=first("bid_size", 0.5)),
        "bid_size: 0.5; expected a non-negative",
    ),
    "a trade has no size": (
        trades(size=first("size", 0)),
        "trade: '0 lots at 10.05'; expected a price and a size",
    ),
    "stamps are milliseconds": (
        quotes(ts_event=pl.col("ts_event") // 10**6),
        "ts_event: 1530538140000; expected UTC nanoseconds between 1980 and 2100 in quotes.parquet",
    ),
    "stamps are floats": (
        quotes(ts_event=pl.col("ts_event").cast(pl.Float64)),
        "ts_event: 'Float64'; expected whole UTC nanoseconds",
    ),
    "a stamp is missing": (
        quotes(ts_event=first("ts_event", None)),
        "ts_event: None; expected UTC nanoseconds",
    ),
    "rows are not in time order": (
        lambda src: frame("quotes").reverse().write_parquet(src / "quotes.parquet"),
        "expected rows in time order",
    ),
    "trades are not in time order": (
        lambda src: frame("trades").reverse().write_parquet(src / "trades.parquet"),
        "expected rows in time order",
    ),
    "a sequence falls within a stamp": (
        quotes(sequence=2000 - pl.col("sequence")),
        "expected rising within the stamp",
    ),
    "a venue is unknown": (
        trades(venue=first("venue", "MARS")),
        "venue: 'MARS'; expected a venue of ABC: XNYS, XNAS, ARCX, FINR",
    ),
    "a venue is missing": (trades(venue=first("venue", None)), "venue: None; expected a venue of ABC"),
    "a file is cut short": (
        lambda src: (src / "trades.parquet").write_bytes((src / "trades.parquet").read_bytes()[:-20]),
        "trades.parquet'; expected a whole Parquet file",
    ),
    "there is no row": (
        lambda src: [frame(k).clear().write_parquet(src / f"{k}.parquet") for k in ("quotes", "trades")],
        "expected at least one row that is kept",
    ),
    "the lot is another than the catalog's": (
        toml('lot = "1"', 'lot = "10"'),
        "ABC.lot: Decimal('10'); expected Decimal('1') as the catalog has it",
    ),
    "a key is unknown": (toml("calendar", "calender"), "Object contains unknown field `calender`"),
    "a table is unknown": (toml("[[instrument]]", "[[instruments]]"), "key: 'instruments'; expected title,"),
    "a tick is zero": (toml('tick = "0.01"', 'tick = "0"'), "ABC.tick: '0'; expected a number above 0"),
    "a reporting facility is routable": (
        toml("routable = false", "routable = true"),
        "ABC.FINR.routable: True; expected false: an off-exchange venue is data only",
    ),
    "the listing venue is not there": (
        toml('listing = "XNYS"', 'listing = "X"'),
        "ABC.listing: 'X'; expected one of",
    ),
    "the TOML is broken": (toml("[[instrument]]", "[[instrument"), "instruments.toml'; expected TOML ("),
    "a source names a column that nobody reads": (
        lambda src: (src / "instruments.toml").write_text(
            f'{INSTRUMENTS}\n[[source]]\nkind = "quotes"\ncolumns = {{ bidd = "b" }}\n'
        ),
        "source.columns: 'bidd'; expected one of ts_event, venue, bid",
    ),
    "a source names a file that is not there": (
        lambda src: (src / "instruments.toml").write_text(
            f'{INSTRUMENTS}\n[[source]]\nkind = "quotes"\nfiles = "nbbo.parquet"\n'
        ),
        "source.files: 'nbbo.parquet'; expected the name of a file in",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bad_input_is_refused_in_one_line_and_the_catalog_is_as_it_was(src, catalog, name):
    spoil, message = CASES[name]
    spoil(src)
    assert message in refused(src, catalog)


def test_a_source_that_is_not_there_is_refused(src, catalog):
    assert refused(src / "none", catalog, src / "instruments.toml").endswith("a folder or file that exists")
    (src / "empty").mkdir()
    assert "a folder with quotes or trades" in refused(src / "empty", catalog, src / "instruments.toml")
    assert "expected a file that exists" in refused(src, catalog, src / "none.toml")


def test_csv_that_is_no_csv_is_refused(catalog, tmp_path):
    src = write(tmp_path / "csv", "csv")
    text = (src / "quotes.csv").read_text()
    (src / "quotes.csv").write_text(text.replace("10.02", "ten"))
    assert "quotes.csv'; expected readable CSV" in refused(src, catalog)
    (src / "quotes.csv").write_text("")
    assert "column: 'ts_event'; expected in quotes.csv" in refused(src, catalog)


def test_the_same_rows_again_are_refused(src, catalog):
    import_files(src, catalog, src / "instruments.toml")
    line = refused(src, catalog)
    assert (
        "ABC.ARCX order_book_deltas: '2018-07-02T13-29-00-000000000Z'; expected stamps outside what is there"
        in line
    )


def test_a_range_that_only_overlaps_is_refused(src, catalog):
    """The first stamp is new, later ones are not: the check at the end must find it."""
    import_files(src, catalog, src / "instruments.toml")
    early = frame("quotes").with_columns(
        ts_event=first("ts_event", int(frame("quotes")["ts_event"][0]) - 10**9)
    )
    early.write_parquet(src / "quotes.parquet")
    assert "expected stamps outside what is there" in refused(src, catalog)


def test_a_folder_that_is_no_catalog_is_left_alone(src, tmp_path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("mine")
    assert "a new folder, an empty one, or a catalog" in refused(src, tmp_path / "papers")


def test_a_new_catalog_that_fails_is_not_there(src, tmp_path):
    trades(venue=first("venue", "MARS"))(src)
    with pytest.raises(InvalidInput):
        import_files(src, tmp_path / "new", src / "instruments.toml")
    assert [p.name for p in tmp_path.iterdir()] == ["src"]


def test_a_disk_that_fails_while_files_move_in_leaves_the_catalog_as_it_was(src, catalog, monkeypatch):
    before, real, moved = tree(catalog), Path.rename, []

    def rename(self, target):
        if "catalog/data" in str(target):
            moved.append(target)
            if len(moved) == 7:
                raise OSError("no space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="no space left"):
        import_files(src, catalog, src / "instruments.toml")
    assert tree(catalog) == before
    assert len(moved) == 7


def test_an_interrupt_leaves_nothing_behind(src, catalog):
    before, beside = tree(catalog), sorted(catalog.parent.iterdir())

    def stop(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_files(src, catalog, src / "instruments.toml", Options(), stop)
    assert tree(catalog) == before
    assert sorted(catalog.parent.iterdir()) == beside


def test_an_import_cut_off_while_moving_in_is_refused_by_readers_and_undone_by_the_next(src, catalog):
    """A killed process leaves its list behind: what it names goes, what was there before stays."""
    before = tree(catalog)
    half = catalog / "data" / "quotes" / "ABC.NEW" / "half.parquet"
    half.parent.mkdir()
    half.write_bytes(b"PAR1")
    (catalog / staging.MARKER).write_text("data/quotes/ABC.NEW/half.parquet\ndata/trades/never.parquet\n")
    with pytest.raises(InvalidInput, match="a whole one: an import was cut off"):
        Catalog(catalog)
    trades(venue=first("venue", "MARS"))(src)
    with pytest.raises(InvalidInput, match="MARS"):
        import_files(src, catalog, src / "instruments.toml")
    assert tree(catalog) == before


def test_a_catalog_with_a_file_cut_short_is_refused_by_show(catalog):
    path = next((catalog / "data" / "trades").glob("*/*.parquet"))
    path.write_bytes(path.read_bytes()[:-10])
    result = CliRunner().invoke(app, ["show", str(catalog)])
    assert isinstance(result.exception, InvalidInput)
    assert "expected a whole Parquet file" in str(result.exception)


def test_words_that_are_no_option_are_refused(src, tmp_path):
    args = ["import", str(src), "--into", str(tmp_path / "c"), "--instruments", str(src / "instruments.toml")]
    for option, value in (("--session", "night"), ("--aggressor", "tick")):
        result = CliRunner().invoke(app, [*args, option, value])
        assert isinstance(result.exception, InvalidInput)
        assert f"{option[2:]}: '{value}'; expected one of" in str(result.exception)
    result = CliRunner().invoke(app, ["demo", "--into", str(tmp_path / "c"), "--days", "0"])
    assert "days: 0; expected 1 to" in str(result.exception)
    result = CliRunner().invoke(app, ["demo", "--into", str(tmp_path / "c"), "--until", "soon"])
    assert "until: 'soon'; expected a date" in str(result.exception)
    assert not (tmp_path / "c").exists()


def test_nothing_is_a_catalog_but_a_folder_with_its_instruments(tmp_path):
    with pytest.raises(InvalidInput, match=r"expected a folder with instruments\.toml"):
        Catalog(tmp_path)
