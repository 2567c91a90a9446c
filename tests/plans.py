"""One plan from one intent, with everything else at rest."""

from typing import Any

from nautilus_exec.core.intent import Intent, PriceRule, Quote
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.limits import Limits, Throttle
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.plan import Facts, Plan, Send, plan
from nautilus_exec.core.spec import Spec
from nautilus_exec.units import SECOND
from tests.builders import T0, ledger, market, spec

NOW = T0 + 10 * SECOND


def rest(lots: int = 100, **over: Any) -> Quote:
    return Quote("r", lots, PriceRule.JOIN, **over)


def take(lots: int = 100, key: str = "t", **over: Any) -> Quote:
    return Quote(key, lots, PriceRule.CROSS, take=True, **over)


def planned(
    *quotes: Quote,
    of: Spec | None = None,
    book: Ledger | None = None,
    view: MarketView | None = None,
    limits: Limits | None = None,
    throttle: Throttle | None = None,
    now: int = NOW,
) -> Plan:
    facts = Facts(
        of or spec(), book or ledger(), view or market(now), limits or Limits(), throttle or Throttle(), now
    )
    return plan(Intent(quotes), facts)


def lots(planned: Plan) -> list[int]:
    return [action.lots for action in planned.actions if isinstance(action, Send)]


def prices(planned: Plan) -> list[int]:
    return [action.price_ticks for action in planned.actions if isinstance(action, Send)]
