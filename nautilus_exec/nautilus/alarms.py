"""Wake-ups of parents on the platform's clock: one per parent, replaced by the next."""

from typing import Any

from nautilus_exec.nautilus.config import RunConfig
from nautilus_exec.nautilus.working import Working
from nautilus_exec.units import MS, Nanos


class Alarms:
    """Numbers its alerts: one of the same name would log a warning."""

    def __init__(self, clock: Any, run: RunConfig) -> None:
        self.clock, self.run = clock, run

    def set(self, work: Working, at_ns: Nanos | None) -> None:
        """Wake a parent at this instant and at no other; None: not at all."""
        if work.timer:
            self.clock.cancel_timer(work.timer)
            work.timer = ""
        if at_ns is None:
            return
        if self.run.mode != "backtest":  # a live clock has moved on, and logs an alert in its past
            at_ns = max(at_ns, self.clock.timestamp_ns() + MS)
        work.timers += 1
        work.timer = f"{work.id}#{work.timers}"
        self.clock.set_time_alert_ns(work.timer, at_ns, work.wake)

    def arrival(self, work: Working, now_ns: Nanos) -> None:
        """Let something happen when what was sent now reaches a simulated venue.

        The platform runs a delayed command at the next event or timer, not when its delay is over.
        """
        if self.run.latency_ns:
            work.timers += 1
            name = f"{work.id}~{work.timers}"
            self.clock.set_time_alert_ns(name, now_ns + self.run.latency_ns, lambda _event: None)
