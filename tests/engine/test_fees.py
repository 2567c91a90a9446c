"""Venue fees, charged in a run."""

from typing import Any

import pytest

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.fees import VenueFees
from tests.books import BUY, run, top, trade
from tests.parts import Script


def charged(fees: VenueFees) -> list[str]:
    """A taker's fill of 200 at 100.02 and a maker's of 100 at 100.00."""
    acts: list[Any] = [(2, lambda s: s.ioc(BUY, 200, 100.02)), (2, lambda s: s.limit(BUY, 100, 100.00))]
    owner = Script(acts)
    data = [top(1, 100, 300, 100.02, 300), trade(3, 100, 400), top(4, 100, 300, 100.02, 300)]
    run(data, owner, fee_model=fees).dispose()
    return [str(e.commission) for e in owner.events if type(e).__name__ == "OrderFilled"]


@pytest.mark.parametrize(
    ("basis", "maker", "taker", "expected"),
    [
        ("per_share", -0.002, 0.003, ["0.60 USD", "-0.20 USD"]),
        ("bps", 1.0, 5.0, ["10.00 USD", "1.00 USD"]),
        ("fixed", 0.0, 1.25, ["1.25 USD", "0.00 USD"]),
    ],
)
def test_the_taker_pays_the_taker_fee_and_the_maker_the_makers(
    basis: Any, maker: float, taker: float, expected: list[str]
) -> None:
    """By hand: 200 x .003 and 100 x -.002; 5 bps of 20,004.00 and 1 bp of 10,000.00."""
    assert charged(VenueFees(basis, maker=maker, taker=taker)) == expected


def test_an_unknown_basis_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"fees.basis: 'per_lot'; expected per_share, bps or fixed"):
        VenueFees("per_lot")  # type: ignore[arg-type]
