"""What a policy is, and the table of those there are."""

from typing import ClassVar, Protocol

from nautilus_exec.core.intent import Intent
from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec
from nautilus_exec.policies.params import CommonParams, OrderFacts
from nautilus_exec.units import Nanos


class Policy(Protocol):
    """A pure function of facts, with the struct of its parameters.

    ``decide`` keeps nothing between calls: the same facts give the same intent, so a restart is a refold.
    """

    id: ClassVar[str]
    Params: ClassVar[type[CommonParams]]

    @staticmethod
    def prepare(params: CommonParams, facts: OrderFacts) -> Spec:
        """Make the spec of a parent; raises ``InvalidInput`` naming the field, the value and what was expected."""
        ...

    @staticmethod
    def decide(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Intent:
        """Say what should be working now."""
        ...
