"""Child order ids: at most 18 characters, unique across restarts, a function of the facts.

Some venues cut client order ids at 18 characters. Format: 10 characters of a hash of the parent's id and its instant of
receipt, 2 for the restart generation, 5 for the running number, all in Crockford's base 32: 17 characters.
"""

from hashlib import blake2b

from nautilus_exec.units import Nanos

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MAX_LENGTH = 18


def base32(value: int, width: int) -> str:
    """A number in base 32, padded to ``width``; raises ``OverflowError`` when it does not fit."""
    digits = []
    for _ in range(width):
        value, rest = divmod(value, 32)
        digits.append(_DIGITS[rest])
    if value:
        raise OverflowError(f"number does not fit {width} base-32 digits")
    return "".join(reversed(digits))


def digest(text: str, bits: int) -> int:
    """A number of ``bits`` bits that depends on every character of the text and on nothing else."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> (64 - bits)


def child_prefix(parent_id: str, received_ns: Nanos, generation: int) -> str:
    """What the ids of all children in the ``generation``-th life of a parent begin with."""
    return base32(digest(f"{parent_id}@{received_ns}", 50), 10) + base32(generation, 2)


def child_id(prefix: str, seq: int) -> str:
    """The id of child number ``seq``."""
    return prefix + base32(seq, 5)
