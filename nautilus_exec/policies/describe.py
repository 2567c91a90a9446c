"""Describe the algorithms by the structs of their parameters, for the command, the page and FIXatdl alike."""

import sys
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, cast

import msgspec
from msgspec import inspect

from nautilus_exec.errors import InvalidInput
from nautilus_exec.policies.base import Policy
from nautilus_exec.policies.close import Moc
from nautilus_exec.policies.iceberg import Iceberg
from nautilus_exec.policies.params import CommonParams
from nautilus_exec.policies.pov import Pov
from nautilus_exec.policies.shortfall import Shortfall
from nautilus_exec.policies.sniper import Sniper
from nautilus_exec.policies.twap import Twap
from nautilus_exec.policies.vwap import Vwap

POLICIES: tuple[type[Policy], ...] = (Twap, Vwap, Pov, Iceberg, Shortfall, Sniper, Moc)

UNBOUNDED = 1e300
"""A bound from here on only says that the number is finite."""

_SHOWN = {"fraction": "fraction", "int": "integer", "float": "number", "bool": "boolean", "str": "text"}


@dataclass(frozen=True, slots=True)
class Range:
    """The bounds of a number, None where there is none: at least, above, at most and below."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None

    def __str__(self) -> str:
        """Return the bounds in words, empty without any."""
        words = {"at least": self.ge, "above": self.gt, "at most": self.le, "below": self.lt}
        return ", ".join(f"{word} {bound:g}" for word, bound in words.items() if bound is not None)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an algorithm, as its struct has it."""

    name: str
    type: str
    """integer, number, fraction, boolean, choice, time, duration, price, name or text."""
    meaning: str
    unit: str
    default: str | None
    """The text that an order would carry; None where nothing is put in its place."""
    absent: str
    """What holds where it is not given and has no default."""
    range: Range
    choices: tuple[str, ...]
    instead_of: str
    """The parameter that this one excludes."""
    amendable: bool
    """Whether it can be changed while the order works."""
    required: bool
    common: bool
    """Whether every algorithm has it."""


def title(policy: type[Policy]) -> str:
    """Return the algorithm's name in words, as its module's docstring begins."""
    return (sys.modules[policy.__module__].__doc__ or policy.id).partition(":")[0]


def summary(policy: type[Policy]) -> str:
    """Return what the algorithm does, with its formula and source."""
    return getdoc(policy) or ""


def schema(policy: type[Policy]) -> dict[str, Any]:
    """Return the JSON schema of an algorithm's parameters, with unit and amendability as ``x-`` keywords."""
    return msgspec.json.schema(policy.Params)


def named(name: str) -> type[Policy]:
    """Return the policy of an algorithm id; raises ``InvalidInput`` where there is none."""
    for policy in POLICIES:
        if policy.id == name.upper():
            return policy
    raise InvalidInput("algorithm", name, f"one of {', '.join(policy.id for policy in POLICIES)}")


def parameters(policy: type[Policy]) -> tuple[Parameter, ...]:
    """Return the parameters of an algorithm: its own first, then those of every algorithm."""
    kind = cast(inspect.StructType, inspect.type_info(policy.Params))
    made = [_parameter(policy.Params, field) for field in kind.fields]
    return tuple(sorted(made, key=lambda parameter: parameter.common))


def _parameter(params: type[CommonParams], field: inspect.Field) -> Parameter:
    kind, told = _unwrap(field.type)
    choices = tuple(str(member.value) for member in kind.cls) if isinstance(kind, inspect.EnumType) else ()
    base = type(kind).__name__.removesuffix("Type").lower()
    return Parameter(
        name=field.name,
        type="choice" if choices else told.get("kind") or _SHOWN[base],
        meaning=told["description"],
        unit=told["unit"],
        default=_default(field),
        absent=params.when_absent.get(field.name, told["absent"]),
        range=Range(**{name: _bound(kind, name) for name in ("ge", "gt", "le", "lt")}),
        choices=choices,
        instead_of=told["instead_of"],
        amendable=told["amendable"],
        required=field.required,
        common=field.name in CommonParams.__struct_fields__,
    )


def _unwrap(kind: inspect.Type) -> tuple[inspect.Type, dict[str, Any]]:
    """Return the type below annotations and "or nothing", and all that the annotations tell."""
    told: dict[str, Any] = {"description": "", "unit": "", "absent": "", "instead_of": "", "amendable": False}
    outer: dict[str, Any] = {}
    while isinstance(kind, inspect.Metadata | inspect.UnionType):
        if isinstance(kind, inspect.Metadata):
            outer = (kind.extra or {}) | (kind.extra_json_schema or {}) | outer
            kind = kind.type
        else:
            kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind, told | outer


def _bound(kind: inspect.Type, name: str) -> float | None:
    bound: float | None = getattr(kind, name, None)
    return None if bound is None or abs(bound) >= UNBOUNDED else bound


def _default(field: inspect.Field) -> str | None:
    given = field.default
    if given is None or given is msgspec.NODEFAULT:
        return None
    if isinstance(given, bool):
        return str(given).lower()
    return f"{given:g}" if isinstance(given, float) else str(given)
