"""The topics of the package on the platform's message bus; every message is a frozen struct."""

CANCEL = "exec.cmd.cancel"
AMEND = "exec.cmd.amend"
PAUSE = "exec.cmd.pause"
RESUME = "exec.cmd.resume"
DRAIN = "exec.cmd.drain"

REPLY = "exec.reply"

REC_PARENT = "exec.rec.parent"
REC_CHILD = "exec.rec.child"
REC_FILL = "exec.rec.fill"
REC_DECISION = "exec.rec.decision"

HUB_SUB = "exec.hub.sub"

MD_PREFIX = "exec.md."


def market_data(instrument: str) -> str:
    """Return the topic on which the hub relays the market data of one instrument."""
    return MD_PREFIX + instrument


def auction(symbol: str) -> str:
    """Return the topic on which the hub says the official prints of a symbol's auctions."""
    return f"exec.auction.{symbol}"


DESK_CLOSE = "exec.desk.close"


def wake(algorithm_id: str) -> str:
    """Return the topic on which an algorithm hears that a trigger fired."""
    return f"exec.wake.{algorithm_id}"
