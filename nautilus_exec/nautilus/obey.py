"""Commands on the bus: pause, resume, cancel, drain and amend a parent, each with a reply."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from nautilus_exec.core.events import Event, Kind
from nautilus_exec.core.life import Status
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus import topics
from nautilus_exec.nautilus.amend import amend
from nautilus_exec.nautilus.messages import COMMANDS, AmendParent, Command, Reply
from nautilus_exec.nautilus.shared import Run
from nautilus_exec.nautilus.working import Working
from nautilus_exec.policies.base import Policy
from nautilus_exec.units import Nanos

AMENDED_WHILE = (Status.RECEIVED, Status.WORKING, Status.PAUSED)


class Obeys:
    """The part of an execution algorithm that takes commands."""

    policy: ClassVar[type[Policy]]
    working: dict[str, Working]
    shared: Run
    clk: Any
    subscribe_topic: Any
    publish_message: Any
    _guard: Callable[..., None]
    _enqueue: Callable[[str], None]
    _fold_own: Callable[[Working, Event], None]

    def hear_commands(self) -> None:
        """Listen on every command's topic."""
        for topic, kind in COMMANDS.items():
            self.subscribe_topic(topic, self._command(topic, kind))
        self.subscribe_topic(topics.AMEND, self._amend)

    def _command(self, topic: str, kind: Kind) -> Callable[[object], None]:
        def handle(message: object) -> None:
            command = cast(Command, message)
            if topic == topics.DRAIN and not command.parent_id:
                self.shared.draining = True
            event = Event(kind, self.clk.timestamp_ns(), reason=command.reason or topic.rpartition(".")[2])
            for work in list(self.working.values()):
                if command.parent_id in ("", work.id) and not work.parent.ledger.ended:
                    self._guard(work.id, self._obey, topic, event)

        return handle

    def _obey(self, work: Working, topic: str, event: Event) -> None:
        """Fold a command and say whether it changed anything."""
        ledger, before = work.parent.ledger, work.parent.ledger.status
        self._fold_own(work, event)
        changed = ledger.status is not before
        self.publish_message(topics.REPLY, Reply(work.id, topic, changed, _standing(work, event.ts)))
        if changed:
            self._enqueue(work.id)

    def _amend(self, message: object) -> None:
        command = cast(AmendParent, message)
        self._guard(command.parent_id, self._change, command.changes)

    def _change(self, work: Working, changes: Mapping[str, str]) -> None:
        """Amend a parent that has not ended; one that refuses keeps working as before."""
        ok, text = work.parent.ledger.status in AMENDED_WHILE, work.parent.ledger.status.value
        try:
            if ok:
                self._fold_own(work, amend(work, self.policy, changes, self.clk.timestamp_ns()))
        except InvalidInput as error:
            ok, text = False, str(error)
        self.publish_message(topics.REPLY, Reply(work.id, topics.AMEND, ok, text))
        if ok:
            self._enqueue(work.id)


def _standing(work: Working, now_ns: Nanos) -> str:
    """The parent's status, and what no command can take back any more."""
    auction, ledger = work.parent.spec.auction, work.parent.ledger
    if auction is None or not ledger.auction_out or not auction.binds(now_ns):
        return ledger.status.value
    return f"{ledger.status.value}, {ledger.auction_out} lots pending until the auction"
