"""Decoding what a user wrote into a struct, with an error that names the field, the value and what was expected."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import inspect

from nautilus_exec.errors import InvalidInput


def decode[T](kind: type[T], given: Mapping[str, Any]) -> T:
    """Convert a table into a struct; text is read as the number, truth value or choice that the field wants.

    Raises ``InvalidInput`` naming the field, the value and what was expected.
    """
    try:
        return msgspec.convert(dict(given), kind, strict=False)
    except msgspec.ValidationError as error:
        raise _explain(kind, given, str(error)) from error


def _explain(kind: type[Any], given: Mapping[str, Any], message: str) -> InvalidInput:
    """Read the library's message: ``Expected `int`, got `str` - at `$.parents[0].side```."""
    what, _, path = message.partition(" - at `$")
    steps = re.findall(r"\w+", path)
    named = re.search(r"(unknown|required) field `(\w+)`", what)
    wanted = _type_at(inspect.type_info(kind), steps)
    if named and named[1] == "required":
        return InvalidInput(".".join([*steps, named[2]]), None, "a value: it is required")
    if named:
        known = [field.name for field in getattr(wanted, "fields", ())]
        return InvalidInput(
            ".".join([*steps, named[2]]), _at(given, [*steps, named[2]]), f"one of {', '.join(known)}"
        )
    return InvalidInput(
        ".".join(steps) or "input", _at(given, steps), _choices(wanted) or what.removeprefix("Expected ")
    )


def _at(given: Any, steps: list[str]) -> Any:
    """The value at a path."""
    for step in steps:
        given = (
            given[int(step)]
            if isinstance(given, list)
            else given.get(step)
            if isinstance(given, dict)
            else given
        )
    return given


def _type_at(kind: Any, steps: list[str]) -> Any:
    """The type that a path leads to; whatever was reached where it leads nowhere."""
    for step in steps:
        if isinstance(kind, inspect.StructType):
            kind = next(
                (field.type for field in kind.fields if step in (field.name, field.encode_name)), kind
            )
        elif isinstance(kind, inspect.ListType):
            kind = kind.item_type
        elif isinstance(kind, inspect.DictType):
            kind = kind.value_type
    return kind


def _choices(kind: Any) -> str:
    """The values of a choice, empty for any other type."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        return next(filter(None, map(_choices, kind.types)), "")
    if isinstance(kind, inspect.EnumType):
        return "one of " + ", ".join(str(member) for member in kind.cls)
    if isinstance(kind, inspect.LiteralType):
        return "one of " + ", ".join(map(str, kind.values))
    return ""
