"""Decoding what a user wrote into a struct, with an error that names the field, the value and what was expected."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

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
    place = _Place(inspect.type_info(kind), given, [])
    try:
        for step in re.findall(r"\w+|\.\.\.(?=\])", path):
            place = _into(place, step)
    except (StopIteration, LookupError, AttributeError, ValueError):
        return InvalidInput(path.strip("`.") or "input", given, what.removeprefix("Expected "))
    named = re.search(r"(unknown|required) field `(\w+)`", what)
    if named is None:
        expected = _choices(place.kind) or what.removeprefix("Expected ")
        return InvalidInput(".".join(place.steps) or "input", place.value, expected)
    field = ".".join([*place.steps, named[2]])
    if named[1] == "required":
        return InvalidInput(field, None, "a value: it is required")
    known = [each.name for each in _bare(place.kind).fields]
    return InvalidInput(field, place.value[named[2]], f"one of {', '.join(known)}")


class _Place(NamedTuple):
    """Where a path has led: the type wanted there, the value given, and the way."""

    kind: Any
    value: Any
    steps: list[str]


def _into(place: _Place, step: str) -> _Place:
    """One step further: into a field of a struct, an element of a list, or the entry of a table that is at fault."""
    kind, value, steps = _bare(place.kind), place.value, place.steps
    if isinstance(kind, inspect.ListType):
        return _Place(kind.item_type, value[int(step)], [*steps, step])
    if isinstance(kind, inspect.DictType):
        # The library does not say which entry.
        step = next(key for key, entry in value.items() if not _fits(entry, kind.value_type))
        return _Place(kind.value_type, value[step], [*steps, step])
    field = next(field for field in kind.fields if field.encode_name == step)
    return _Place(field.type, value.get(step), [*steps, step])


def _bare(kind: Any) -> Any:
    """The type without its annotations, and without "or nothing"."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.UnionType):
        return next((_bare(each) for each in kind.types if not isinstance(each, inspect.NoneType)), kind)
    return kind


def _fits(value: Any, kind: Any) -> bool:
    wanted = getattr(kind, "cls", None) or _PLAIN.get(type(kind), Any)
    try:
        msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError:
        return False
    return True


_PLAIN: dict[Any, Any] = {
    inspect.FloatType: float,
    inspect.IntType: int,
    inspect.BoolType: bool,
    inspect.UnionType: float | bool,
}


def _choices(kind: Any) -> str:
    """The values of a choice, empty for any other type."""
    kind = _bare(kind)
    if isinstance(kind, inspect.EnumType):
        return "one of " + ", ".join(str(member) for member in kind.cls)
    if isinstance(kind, inspect.LiteralType):
        return "one of " + ", ".join(map(str, kind.values))
    return ""
