"""The execution algorithms by name, so that importable config paths read naturally.

``nautilus_exec.nautilus.plugins:TwapAlgorithm`` with ``nautilus_exec.nautilus.config:AlgorithmConfig``.
"""

from typing import Any

from nautilus_exec.nautilus.algorithm import ExecAlgorithm
from nautilus_exec.nautilus.config import AlgorithmConfig
from nautilus_exec.policies.close import Moc
from nautilus_exec.policies.iceberg import Iceberg
from nautilus_exec.policies.pov import Pov
from nautilus_exec.policies.shortfall import Shortfall
from nautilus_exec.policies.sniper import Sniper
from nautilus_exec.policies.twap import Twap
from nautilus_exec.policies.vwap import Vwap


class TwapAlgorithm(ExecAlgorithm):
    """Time-weighted average price, algorithm id TWAP."""

    policy = Twap


class VwapAlgorithm(ExecAlgorithm):
    """Volume-weighted average price, algorithm id VWAP."""

    policy = Vwap


class ShortfallAlgorithm(ExecAlgorithm):
    """Implementation shortfall after Almgren and Chriss, algorithm id IS."""

    policy = Shortfall


class PovAlgorithm(ExecAlgorithm):
    """Percentage of volume, algorithm id POV."""

    policy = Pov


class IcebergAlgorithm(ExecAlgorithm):
    """One tip shown at a time, algorithm id ICEBERG."""

    policy = Iceberg


class SniperAlgorithm(ExecAlgorithm):
    """Takes from quotes within its limit, algorithm id SNIPER."""

    policy = Sniper


class MocAlgorithm(ExecAlgorithm):
    """Market on close, algorithm id MOC."""

    policy = Moc


ALGORITHMS: tuple[type[ExecAlgorithm], ...] = (
    TwapAlgorithm,
    VwapAlgorithm,
    ShortfallAlgorithm,
    PovAlgorithm,
    IcebergAlgorithm,
    SniperAlgorithm,
    MocAlgorithm,
)


def make(kind: type[ExecAlgorithm], **config: Any) -> ExecAlgorithm:
    """An algorithm under its policy's id."""
    return kind(AlgorithmConfig(exec_algorithm_id=kind.policy.id, **config))
