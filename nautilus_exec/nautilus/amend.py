"""Changing a parent while it works: quantity, limit price, end and participation; everything else is frozen."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from nautilus_trader import model

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.decode import decode
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.working import Working
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.describe import parameters
from nautilus_exec.policies.params import OrderFacts
from nautilus_exec.units import Lots, Nanos


def amendable(policy: type[Policy]) -> tuple[str, ...]:
    """What may be changed while a parent of this policy works; everything else is frozen."""
    return ("quantity", *(one.name for one in parameters(policy) if one.amendable))


def amend(work: Working, policy: type[Policy], changes: Mapping[str, str], now_ns: Nanos) -> Event:
    """Give a parent a new spec; returns what its ledger must fold.

    The schedule is made anew over the whole horizon for the new quantity: what has been filled counts. A quantity below
    what is filled or out ends where that ends. Raises ``InvalidInput``, and nothing has changed, for a frozen field or
    a value that the parameters themselves would refuse.
    """
    for field, value in changes.items():
        if field not in (known := amendable(policy)):
            expected = f"one of {', '.join(known)}; the others are frozen while it works"
            raise InvalidInput(field, value, expected)
    auction = work.parent.spec.auction
    if auction is not None and now_ns >= auction.cutoff_ns:
        field, value = next(iter(changes.items()), ("amend", ""))
        raise InvalidInput(field, value, "no amend after the auction's cut-off")
    given = _merged(json.loads(work.params), changes)
    lots = _lots(work, changes)
    facts = replace(_facts(work.facts, changes), quantity=lots)
    spec = policy.prepare(decode(policy.Params, given), facts)
    if spec.end_ns <= now_ns:
        raise InvalidInput(
            "end_time", changes.get("end_time") or changes.get("duration"), "an instant still to come"
        )
    work.parent.spec = replace(spec, amends=work.parent.spec.amends + 1)
    work.params, work.facts = json.dumps(given), facts
    return Event(Kind.AMEND_PARENT, now_ns, lots=lots)


def _merged(given: dict[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """The parameters with the changes; an end given one way replaces an end given the other."""
    if "end_time" in changes or "duration" in changes:
        given = {name: text for name, text in given.items() if name not in ("end_time", "duration")}
    return given | {name: text for name, text in changes.items() if name != "quantity"}


def _facts(facts: OrderFacts, changes: Mapping[str, str]) -> OrderFacts:
    """The order's own limit and expiry give way to amended ones."""
    if "limit_price" in changes:
        facts = replace(facts, limit_ticks=None)
    if "end_time" in changes or "duration" in changes:
        facts = replace(facts, expire_ns=None)
    return facts


def _lots(work: Working, changes: Mapping[str, str]) -> Lots:
    if "quantity" not in changes:
        return work.parent.ledger.target
    try:
        units = Decimal(changes["quantity"])
        if units != round(units, work.ruler.size_precision):
            raise InvalidOperation
        quantity = model.Quantity.from_decimal_dp(units, work.ruler.size_precision)
    except (InvalidOperation, ValueError) as error:
        expected = f"a positive multiple of the lot of {work.ruler.lot}"
        raise InvalidInput("quantity", changes["quantity"], expected) from error
    return work.ruler.lots("quantity", quantity)
