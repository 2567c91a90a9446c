"""What a parameter means: told once, on the field of the struct that has it, and read by ``policies.describe``."""

from msgspec import Meta


def means(
    text: str, *, unit: str = "", absent: str = "", instead_of: str = "", amendable: bool = False
) -> Meta:
    """Return the annotation of a parameter.

    ``text`` is one sentence or a few. ``unit`` is that of its value, ``absent`` what holds where it is not given,
    ``instead_of`` the parameter that it excludes. ``amendable``: it can be changed while the order works.
    """
    told = {"unit": unit, "absent": absent, "instead_of": instead_of, "amendable": amendable}
    schema = {f"x-{name}": value for name, value in told.items() if value}
    return Meta(description=text, extra=told, extra_json_schema=schema)


def kind(name: str) -> Meta:
    """Return the annotation that says what a text or a number stands for, such as a time or a fraction."""
    return Meta(extra={"kind": name})
