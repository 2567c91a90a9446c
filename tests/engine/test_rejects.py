"""Which of a venue's words mean that a reject will pass."""

import pytest

from nautilus_exec.nautilus.convert import is_lasting


@pytest.mark.parametrize(
    "reason",
    [
        "RATE_LIMIT_EXCEEDED",
        "MAX_ORDER_SUBMIT_RATE exceeded",
        "EAPI:Rate limit exceeded",
        "POST_ONLY LIMIT BUY order limit px of 100.02 would have been a TAKER: bid=100.00, ask=100.02",
        "No market for ABC.XNYS",
        "MARKET_PRICE_UNAVAILABLE: order_type=MARKET, instrument_id=ABC.XNYS",
        "HTTP 429",
        "http status: 503",
        "request timeout",
        "EService:Busy",
    ],
)
def test_what_passes_by_waiting(reason: str) -> None:
    assert not is_lasting(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "INSTRUMENT_NOT_FOUND: ZZZ.XNYS",
        "NOTIONAL_EXCEEDS_FREE_BALANCE: free=429, notional=503",
        "account in separate liquidation",
        "Short selling not permitted on a CASH account",
        "time in force AT_THE_CLOSE is not currently supported",
    ],
)
def test_what_does_not(reason: str) -> None:
    assert is_lasting(reason)
