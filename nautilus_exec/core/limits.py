"""Every hard limit, as rules over facts; the plan applies them, once, to every child that leaves."""

from collections import deque
from dataclasses import dataclass

from nautilus_exec.core.ledger import Ledger
from nautilus_exec.core.market import MarketView
from nautilus_exec.core.spec import Spec
from nautilus_exec.units import BPS, MINUTE, SECOND, Lots, Nanos, Ticks

type Hold = str
"""Which limit held an order back; empty when none did."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a trader, whatever the parent asks for. Defaults are chosen by us."""

    kill_switch: bool = False
    collar_bps: float = 500.0
    """No child is priced further than this from the mid."""
    max_messages: int = 90
    """Orders a second; below the platform's own default of 100, at which it denies."""
    ack_timeout_ns: Nanos = 5 * SECOND
    backoff_ns: Nanos = SECOND
    max_backoff_ns: Nanos = MINUTE
    max_rejects: int = 10
    """Consecutive passing rejects from one venue after which the parent fails."""
    max_cancels: int = 5
    """Cancels tried on a silent child."""

    def backoff_until(self, rejects: int, last_ns: Nanos) -> Nanos:
        """When a venue may be tried again: the wait doubles with each reject in a row, up to a minute."""
        return last_ns + min(self.backoff_ns << min(rejects - 1, 30), self.max_backoff_ns)


class Throttle:
    """The message rate of one trader, as a fold over sends: at most n in any window of one second."""

    def __init__(self) -> None:
        self._sent: deque[Nanos] = deque()

    def fold(self, ts: Nanos) -> None:
        """Count one message."""
        self._sent.append(ts)

    def room(self, limit: int, now_ns: Nanos) -> int:
        """Messages that may leave now."""
        while self._sent and self._sent[0] <= now_ns - SECOND:
            self._sent.popleft()
        return limit - len(self._sent)

    def free_ns(self, now_ns: Nanos) -> Nanos:
        """When the oldest message counted leaves the window."""
        return (self._sent[0] if self._sent else now_ns) + SECOND


def participation_room(spec: Spec, ledger: Ledger, market: MarketView, now_ns: Nanos) -> Lots | None:
    """Lots that the participation cap still allows; None without a cap.

    Formula: c/(1-c) V_o + one lot - (filled in the window + lots out), V_o the volume of others in
    [now - window, now). Resting lots count, since several sends of them may fill at once; lots in an auction do not: it
    has a share of its own. No tape is no volume: silence makes nothing more aggressive.
    """
    cap = spec.max_participation
    if cap is None:
        return None
    since = max(spec.start_ns, now_ns - spec.participation_window_ns)
    tape = market.tape
    others = tape.volume(spec.volume_scope, spec.primary.venue, since, now_ns) if tape else 0
    own = ledger.filled_since(since) + ledger.out - ledger.auction_out
    return max(0, int(cap / (1 - cap) * others) + spec.primary.lot - own)


def outside_collar(price: Ticks, bid: Ticks, ask: Ticks, collar_bps: float) -> bool:
    """Whether a price lies further than the collar from the mid."""
    mid = (bid + ask) / 2
    return abs(price - mid) > collar_bps / BPS * mid
