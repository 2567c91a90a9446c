"""One import: sources to staging, checked against the catalog, moved in whole."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import numpy as np
import polars as pl
from nautilus_trader.persistence import ParquetDataCatalog
from numpy.typing import NDArray

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers import classify, hours, layout, staging
from nautilus_exec.nautilus.importers.auctions import Merger, auctions_of
from nautilus_exec.nautilus.importers.keys import Group, groups, whole_stamps
from nautilus_exec.nautilus.importers.quotes import QuoteWriter, read_book
from nautilus_exec.nautilus.importers.report import Report
from nautilus_exec.nautilus.importers.sources import Files, batches, find
from nautilus_exec.nautilus.importers.spec import ImportSpec, Source, load_spec
from nautilus_exec.nautilus.importers.trades import Tape, TradeWriter, read_tape
from nautilus_exec.nautilus.importers.writers import Writers
from nautilus_exec.nautilus.instruments import (
    FILE_NAME,
    Instrument,
    Instruments,
    dump_instruments,
    load_instruments,
    to_platform,
)
from nautilus_exec.units import DAY

type Progress = Callable[[int], None]
type Session = Literal["regular", "all"]
type Aggressor = Literal["quote", "none"]

_AUCTIONS = [classify.CLASSES.index(name) for name in (classify.AUCTION, classify.OFFICIAL)]


@dataclass(frozen=True, slots=True)
class Options:
    """How to import: which hours, and whether trades get a side."""

    session: Session = "all"
    """``regular`` leaves out what lies outside the session; auction and official prints stay."""
    aggressor: Aggressor = "quote"

    @classmethod
    def parse(cls, session: str, aggressor: str) -> "Options":
        """Read the two from text; raises ``InvalidInput`` for another word."""
        for name, value, words in (("session", session, Session), ("aggressor", aggressor, Aggressor)):
            if value not in get_args(words.__value__):
                raise InvalidInput(name, value, f"one of {', '.join(get_args(words.__value__))}")
        return cls(cast(Session, session), cast(Aggressor, aggressor))


def _quiet(_rows: int) -> None:
    return None


def import_files(
    src: Path, into: Path, instruments: Path, options: Options | None = None, progress: Progress = _quiet
) -> Report:
    """Import quotes and trades into a catalog; on any error the catalog is as it was.

    ``progress`` is called with the source rows of each batch. Memory is bounded by the batch, not by the files.
    Raises ``InvalidInput`` for bad files, facts or values, and for a range that the catalog already has.
    """
    spec = load_spec(instruments)
    files = located(src, spec)
    facts = prepare(into).merged(spec.instruments)
    stage = staging.Staging(into)
    try:
        run = _Run(stage, spec, options or Options(), progress)
        run.read(files)
        _write_instruments(stage, into, facts)
        stage.move_in({FILE_NAME: dump_instruments(facts)})
    finally:
        stage.discard()
    return run.report


def located(src: Path, spec: ImportSpec) -> list[Files]:
    """Find the files of every source; raises ``InvalidInput`` when there are none at all."""
    if not src.exists():
        raise InvalidInput("source", str(src), "a folder or file that exists")
    found = [find(src, source) for source in spec.sources]
    for files in found:
        if not files.paths and files.source.files is not None:
            raise InvalidInput("source.files", files.source.files, f"the name of a file in {src}")
    if not any(files.paths for files in found):
        raise InvalidInput("source", str(src), "a folder with quotes or trades as .parquet or .csv")
    return found


def prepare(into: Path) -> Instruments:
    """Return the facts a catalog has so far; an import that was cut off in it is taken back first."""
    if not into.exists():
        return Instruments()
    if not into.is_dir() or (
        any(into.iterdir()) and not (into / FILE_NAME).exists() and not staging.unfinished(into)
    ):
        raise InvalidInput("catalog", str(into), f"a new folder, an empty one, or a catalog with {FILE_NAME}")
    if staging.unfinished(into):
        staging.undo(into)
    path = into / FILE_NAME
    return load_instruments(path) if path.exists() else Instruments()


def _write_instruments(stage: staging.Staging, into: Path, facts: Instruments) -> None:
    there = set()
    if (into / "data").is_dir():
        there = {path.name for path in (into / "data").glob("[ec]*/*")}
    new = [each for each in to_platform(facts) if str(each.id).replace("/", "") not in there]  # type: ignore[attr-defined]  # the platform's instruments share no base class
    if new:
        ParquetDataCatalog(str(stage.root)).write_instruments(new)


def _frames(files: Files) -> Iterator[pl.DataFrame]:
    width = DAY if files.source.closing_print == "last_of_day" else 1
    return whole_stamps(batches(files), width)


def _sound(group: Group) -> Group:
    """The rows that were not corrected or cancelled later."""
    if "correction" not in group.rows.columns:
        return group
    rows = group.rows.filter(pl.col("correction").fill_null(0) == 0)
    return Group(group.instrument, group.venue, rows)


def _candidates(group: Group, source: Source) -> Group:
    """The rows that can be auctions; where the condition says it, the rest need not be read twice."""
    if source.closing_print == "last_of_day" or "condition" not in group.rows.columns:
        return group
    rows = group.rows.filter(pl.col("condition").fill_null("").str.contains_any(sorted(classify.AUCTIONS)))
    return Group(group.instrument, group.venue, rows)


def _holds_auctions(group: Group) -> bool:
    venue = group.instrument.venues[group.venue]
    return group.venue == group.instrument.listing and venue.routable


class _Run:
    def __init__(
        self, stage: staging.Staging, spec: ImportSpec, options: Options, progress: Progress
    ) -> None:
        self.report = Report()
        self._stage, self._spec, self._options, self._progress = stage, spec, options, progress
        self._scratch = stage.root / "scratch"
        self._scratch.mkdir()
        self._quotes: dict[str, QuoteWriter] = {}
        self._mergers: dict[str, Merger] = {}
        self._trades: dict[str, TradeWriter] = {}

    def read(self, sources: list[Files]) -> None:
        with ExitStack() as stack:
            with Writers(self._stage.root, self._guard) as writers:
                self._find_auctions([f for f in sources if f.source.kind == "trades"])
                for files in (f for f in sources if f.source.kind == "quotes"):
                    self._read_quotes(files, writers)
                self._write_auctions(writers)
            ranges = writers.ranges()
            for each in self._quotes.values():
                each.standing.rewind()
                stack.callback(each.standing.close)
            with Writers(self._stage.root, self._guard) as writers:
                for files in (f for f in sources if f.source.kind == "trades"):
                    self._read_trades(files, writers)
            ranges |= writers.ranges()
        if not ranges:
            raise InvalidInput("source", dict(self.report.read), "at least one row that is kept")
        for (kind, instrument_id), (first, last, _) in ranges.items():
            self._guard(kind, instrument_id, first, last)
        self.report.check()

    def _guard(self, kind: str, instrument_id: str, first_ns: int, last_ns: int) -> None:
        staging.refuse_overlap(self._stage.catalog, kind, instrument_id, first_ns, last_ns)

    def _groups(self, files: Files) -> Iterator[Group]:
        for frame in _frames(files):
            self.report.read[files.source.kind] += frame.height
            yield from groups(frame, files.source, self._spec.instruments)
            self._progress(frame.height)

    def _find_auctions(self, sources: list[Files]) -> None:
        """Look through the trades for auctions first: their books stand among the quotes."""
        found: dict[str, tuple[Instrument, list[Tape]]] = {}
        for files in sources:
            for frame in _frames(files):
                for group in groups(frame, files.source, self._spec.instruments):
                    if _holds_auctions(group):
                        tape = read_tape(_candidates(_sound(group), files.source), files.source)
                        found.setdefault(group.id, (group.instrument, []))[1].append(tape)
        merged = {name: auctions_of(*each) for name, each in found.items()}
        self._mergers = {name: Merger(each) for name, each in merged.items() if len(each.ts)}
        self._found = {name: found[name][0] for name in self._mergers}

    def _write_auctions(self, writers: Writers) -> None:
        """Write what comes after the last quotes; an instrument without any has its auctions and nothing else."""
        for name, merger in self._mergers.items():
            there = self._stage.catalog / layout.folder(layout.DELTAS, name)
            if name not in self._quotes and there.is_dir():
                self.report.noted["instruments whose auctions came without their quotes"] += 1
                continue
            book = merger.rest(self.report)
            if len(book.ts):
                self._writer(name, self._found[name], writers).write(book, self.report)

    def _read_quotes(self, files: Files, writers: Writers) -> None:
        for group in self._groups(files):
            book = read_book(group, files.source, self.report)
            if self._options.session == "regular":
                book = book.take(self._kept("quotes", hours.inside(group.instrument, book.ts)))
            if len(book.ts):
                merger = self._mergers.get(group.id)
                book = merger.merge(book, self.report) if merger else book
                self._writer(group.id, group.instrument, writers).write(book, self.report)

    def _writer(self, name: str, instrument: Instrument, writers: Writers) -> QuoteWriter:
        if name not in self._quotes:
            venue = name.rpartition(".")[2]
            self._quotes[name] = QuoteWriter(instrument, venue, writers, self._scratch)
        return self._quotes[name]

    def _read_trades(self, files: Files, writers: Writers) -> None:
        for group in self._groups(files):
            sound = self._uncorrected(group)
            if not sound.rows.height:
                continue
            tape = read_tape(sound, files.source)
            if self._options.session == "regular":
                inside = hours.inside(group.instrument, tape.ts) | np.isin(tape.code, _AUCTIONS)
                tape = tape.take(self._kept("trades", inside))
            self._trade_writer(group, writers).write(tape, self.report)

    def _uncorrected(self, group: Group) -> Group:
        sound = _sound(group)
        self.report.left_out["trades: corrected or cancelled"] += group.rows.height - sound.rows.height
        return sound

    def _kept(self, kind: str, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
        self.report.left_out[f"{kind}: outside the session"] += int((~inside).sum())
        return inside

    def _trade_writer(self, group: Group, writers: Writers) -> TradeWriter:
        if group.id not in self._trades:
            quotes = self._quotes.get(group.id) if self._options.aggressor == "quote" else None
            standing = quotes.standing if quotes else None
            self._trades[group.id] = TradeWriter(group.instrument, group.venue, writers, standing)
        return self._trades[group.id]
