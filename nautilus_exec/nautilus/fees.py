"""Venue fees for the simulated venues of a backtest and of a paper node."""

from typing import Any, Literal, Self, get_args

from nautilus_trader.execution import FeeModel
from nautilus_trader.model import LiquiditySide, Money, Price, Quantity

from nautilus_exec.errors import InvalidInput
from nautilus_exec.units import BPS

type Basis = Literal["per_share", "bps", "fixed"]


class VenueFees(FeeModel):
    """Charge a maker and a taker fee; a negative fee is a rebate. Commission is in the quote currency.

    Formula for a fill of q units at price p with fee f: ``per_share`` f q, ``bps`` f q p m / 1e4 with the contract
    multiplier m, ``fixed`` f for every fill.

    Parameters
    ----------
    basis : {"per_share", "bps", "fixed"}
    maker, taker : float
        The fee in quote currency (``per_share``, ``fixed``) or in bps of the notional.
    """

    def __new__(cls, basis: Basis, maker: float = 0.0, taker: float = 0.0) -> Self:
        """Refuse an unknown basis before the platform sees the model."""
        if basis not in get_args(Basis.__value__):
            raise InvalidInput("fees.basis", basis, "per_share, bps or fixed")
        return super().__new__(cls)

    def __init__(self, basis: Basis, maker: float = 0.0, taker: float = 0.0) -> None:
        self.basis = basis
        self.maker = maker
        self.taker = taker

    def get_commission(self, order: Any, fill_quantity: Quantity, fill_px: Price, instrument: Any) -> Money:
        """Return the commission of one fill, positive when paid."""
        fee = self.maker if order.liquidity_side == LiquiditySide.MAKER else self.taker
        return Money(self._amount(fee, fill_quantity, fill_px, instrument), instrument.quote_currency)

    def _amount(self, fee: float, quantity: Quantity, price: Price, instrument: Any) -> float:
        size = float(quantity.as_double())
        match self.basis:
            case "per_share":
                return fee * size
            case "bps":
                return fee * size * float(price.as_double()) * float(instrument.multiplier.as_double()) / BPS
            case _:
                return fee
