"""The parts of the importer by themselves: facts of instruments, classes of prints, the quote before a trade."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nautilus_exec.errors import BrokenInvariant, InvalidInput
from nautilus_exec.nautilus.importers import hours, standing
from nautilus_exec.nautilus.importers.classify import classify
from nautilus_exec.nautilus.importers.report import Report
from nautilus_exec.nautilus.importers.spec import load_spec
from nautilus_exec.nautilus.instruments import (
    Fees,
    Instrument,
    Instruments,
    Venue,
    dump_instruments,
    load_instruments,
    precision,
    to_platform,
)
from tests.fixtures.excerpt import INSTRUMENTS


@pytest.mark.parametrize(
    ("condition", "off_exchange", "expected"),
    [
        ("", False, "continuous"),
        ("@", False, "continuous"),
        ("E", False, "continuous"),
        ("F I", False, "continuous"),
        ("@F I", False, "continuous"),
        ("", True, "off_exchange"),
        ("I", True, "off_exchange"),
        ("O", False, "auction"),
        ("@6 X", False, "excluded"),
        ("5", False, "auction"),
        ("@O", False, "auction"),
        ("M", False, "official"),
        ("Q", True, "official"),
        *((f"{letter} I", False, "excluded") for letter in "479BVWPCNRHZLUT"),
        ("4", True, "excluded"),
        ("?", False, "excluded"),
    ],
)
def test_the_class_of_a_print_is_the_worst_of_its_letters(condition, off_exchange, expected):
    assert classify(condition, off_exchange) == expected


def pair(kind: str, **facts) -> Instruments:
    given = {
        "symbol": "BTC/USDT",
        "tick": Decimal("0.01"),
        "lot": Decimal("0.00001"),
        "currency": "USDT",
        "base": "BTC",
    }
    venues = {"BINANCE": Venue(fees=Fees("bps", Decimal(1), Decimal(1)))}
    return Instruments((Instrument(kind=kind, venues=venues, **(given | facts)),))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("currency_pair", "CurrencyPair"),
        ("crypto_spot", "CurrencyPair"),
        ("crypto_perpetual", "CryptoPerpetual"),
    ],
)
def test_pairs_become_the_platforms_instruments(kind, name):
    (made,) = to_platform(pair(kind))
    assert type(made).__name__ == name
    assert (str(made.price_increment), str(made.size_increment)) == ("0.01", "0.00001")
    assert (made.price_precision, made.size_precision) == (2, 5)


def test_facts_come_back_from_the_text_they_are_kept_as(tmp_path):
    (tmp_path / "a.toml").write_text(INSTRUMENTS)
    first = load_instruments(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_text(dump_instruments(first.merged(pair("crypto_spot"))))
    second = load_instruments(tmp_path / "b.toml")
    assert second.instrument == (*first.instrument, *pair("crypto_spot").instrument)
    assert second.at("ABC.XNYS")[1].fees == Fees("per_share", Decimal("-0.0020"), Decimal("0.0030"))


def test_venues_of_two_imports_are_joined_and_contradictions_refused():
    one = pair("crypto_spot")
    other = Instruments(
        (
            Instrument(
                **{f: getattr(one.instrument[0], f) for f in Instrument.__struct_fields__}
                | {"venues": {"OKX": Venue()}}
            ),
        )
    )
    assert one.merged(other).ids == ("BTC/USDT.BINANCE", "BTC/USDT.OKX")
    with pytest.raises(InvalidInput, match=r"BTC/USDT\.tick: Decimal\('0\.1'\); expected Decimal\('0\.01'\)"):
        one.merged(pair("crypto_spot", tick=Decimal("0.1")))


@pytest.mark.parametrize(("name", "method"), [("GHOST", "symbol"), ("ABC.GHOST", "at"), ("GHOST", "at")])
def test_an_unknown_name_is_refused_with_the_known_ones(name, method):
    with pytest.raises(InvalidInput, match="expected one of BTC/USDT"):
        getattr(pair("crypto_spot"), method)(name)


@pytest.mark.parametrize(
    ("step", "decimals"), [("0.01", 2), ("0.010", 2), ("1", 0), ("100", 0), ("0.00001", 5)]
)
def test_the_precision_of_a_step(step, decimals):
    assert precision(Decimal(step)) == decimals


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('kind = "trades"\nsize = "100"', "source.size: '100'; expected a size for quotes only"),
        ('kind = "quotes"\nsize = "0"', "source.size: '0'; expected a size above 0"),
        ('kind = "quotes"\nvenue = "MARS"', "source.venue: 'MARS'; expected a venue"),
        ('kind = "quotes"\nsymbol = "XYZ"', "symbol: 'XYZ'; expected one of ABC"),
        ('kind = "quotes"\nprice_unit = "pence"', "Invalid enum value 'pence'"),
        ('kind = "bars"', "Invalid enum value 'bars'"),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(tmp_path, source, message):
    (tmp_path / "i.toml").write_text(f"{INSTRUMENTS}\n[[source]]\n{source}\n")
    with pytest.raises(InvalidInput) as caught:
        load_spec(tmp_path / "i.toml")
    assert message in str(caught.value)


@given(st.data())
def test_the_quote_before_a_trade_is_found_across_chunks(tmp_path_factory, data):
    """Against a search over everything at once; a trade never sees the quote of its own stamp."""
    gaps = data.draw(st.lists(st.integers(1, 5), max_size=40))
    stamps = np.cumsum(np.array(gaps, np.int64))
    asked = np.sort(np.array(data.draw(st.lists(st.integers(-2, 220), max_size=30)), np.int64))
    cut = data.draw(st.integers(0, len(asked)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standing, "CHUNK", data.draw(st.integers(1, 7)))
        quotes = standing.StandingQuotes(tmp_path_factory.mktemp("standing") / "q")
        quotes.append(stamps, stamps * 10, stamps * 10 + 1)
        quotes.rewind()
        found = [quotes.before(part) for part in (asked[:cut], asked[cut:])]
        quotes.close()
    bids, asks = (np.concatenate(sides) for sides in zip(*found, strict=True))
    for stamp, bid, ask in zip(asked, bids, asks, strict=True):
        earlier = [s for s in stamps if s < stamp]
        assert bid == (earlier[-1] * 10 if earlier else standing.NO_BID)
        assert ask == (earlier[-1] * 10 + 1 if earlier else standing.NO_ASK)


def test_the_quote_rule_says_nothing_inside_the_spread_or_in_a_crossed_quote():
    price = np.array([10, 11, 12, 9, 11, 11, 5], np.int64)
    bid = np.array([10, 10, 10, 10, 12, standing.NO_BID, standing.NO_BID], np.int64)
    ask = np.array([12, 12, 12, 12, 10, 11, standing.NO_ASK], np.int64)
    assert standing.aggressor(price, bid, ask).tolist() == [2, 0, 1, 2, 0, 1, 0]


def test_regular_hours_follow_the_calendar_and_its_short_days():
    """3 July 2018 closes at 13:00 New York, 4 July has no session."""
    instrument = Instrument(
        symbol="A",
        kind="equity",
        tick=Decimal("0.01"),
        lot=Decimal(1),
        currency="USD",
        calendar="XNYS",
        venues={"X": Venue()},
    )
    stamps = [
        ("2018-07-03T13:29:59", False),
        ("2018-07-03T13:30:00", True),
        ("2018-07-03T16:59:59", True),
        ("2018-07-03T17:00:00", False),
        ("2018-07-04T15:00:00", False),
        ("2018-07-05T19:59:59", True),
    ]
    at = np.array([np.datetime64(text, "ns").astype(np.int64) for text, _ in stamps])
    assert hours.inside(instrument, at).tolist() == [yes for _, yes in stamps]


@pytest.mark.parametrize(
    ("session", "zone", "utc", "expected"),
    [
        ("09:00-17:30", "Europe/Berlin", "2024-07-01T06:59:59", False),
        ("09:00-17:30", "Europe/Berlin", "2024-07-01T07:00:00", True),
        ("09:00-17:30", "Europe/Berlin", "2024-01-02T07:00:00", False),
        ("22:00-05:00", "UTC", "2024-01-02T03:00:00", True),
        ("00:00-00:00", "UTC", "2024-01-02T03:00:00", True),
        ("00:00-24:00", "UTC", "2024-01-02T23:59:59", True),
    ],
)
def test_a_stated_session_holds_every_day_in_its_zone(session, zone, utc, expected):
    instrument = Instrument(
        symbol="A", kind="equity", tick=Decimal("0.01"), lot=Decimal(1), currency="EUR",
        session=session, timezone=zone, venues={"X": Venue()},
    )  # fmt: skip
    assert hours.inside(instrument, np.array([np.datetime64(utc, "ns").astype(np.int64)])).tolist() == [
        expected
    ]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"calendar": "MARS"}, "calendar: 'MARS'; expected"),
        ({"session": "9-17"}, "session: '9-17 UTC'; expected HH:MM-HH:MM"),
        ({"session": "09:00-17:00", "timezone": "Mars/Base"}, "expected HH:MM-HH:MM and a time zone"),
        ({}, "session: None; expected a calendar or a session"),
    ],
)
def test_hours_that_nobody_knows_are_refused(facts, message):
    instrument = Instrument(
        symbol="A",
        kind="equity",
        tick=Decimal("0.01"),
        lot=Decimal(1),
        currency="USD",
        venues={"X": Venue()},
        **facts,
    )
    with pytest.raises(InvalidInput) as caught:
        hours.inside(instrument, np.array([10**18]))
    assert message in str(caught.value)


def test_a_row_that_went_missing_breaks_the_report():
    report = Report()
    report.read["quotes"] = 3
    report.written["book snapshots"] = 2
    with pytest.raises(BrokenInvariant, match="quotes read: 3; expected 2 kept"):
        report.check()
