"""Profile files: a volume profile as JSON, by path or by its name in a catalog."""

import os
import re
from pathlib import Path

import msgspec

from nautilus_exec.curves.volume_profile import VolumeProfile, check_before
from nautilus_exec.errors import InvalidInput

__all__ = ["SCHEMA_VERSION", "ProfileFile", "check_before", "find", "load", "profile_path", "save"]

SCHEMA_VERSION = 1

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class ProfileFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a profile file holds: the fields of :class:`VolumeProfile` under the same names and units."""

    schema_version: int
    name: str
    source: str
    timezone: str
    days: int
    last_day: str | None
    foreign: bool
    day_volume: float | None
    opening_share: float | None
    closing_share: float | None
    edges_ns: list[int]
    fractions: list[float]


class _Version(msgspec.Struct):
    schema_version: int


def save(profile: VolumeProfile, path: Path | str) -> None:
    """Write ``profile`` as a JSON file, whole or not at all; missing folders are made.

    Raises ``InvalidInput`` if ``path`` does not end in .json or its folder cannot be written.
    """
    path = Path(path)
    if path.suffix != ".json":
        raise InvalidInput("out", str(path), "a file that ends in .json")
    text = msgspec.json.format(msgspec.json.encode(_record(profile)), indent=2)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(text + b"\n")
        os.replace(partial, path)
    except OSError as error:
        raise InvalidInput("out", str(path), f"a file that can be written ({error.strerror})") from error
    finally:
        if partial.exists():
            partial.unlink()


def load(path: Path | str) -> VolumeProfile:
    """Return the profile of a file written by :func:`save`.

    Raises ``InvalidInput`` for a missing file, a newer schema, an unknown or missing key, a wrong type, and
    for values that are no profile; each names the file.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput("profile", str(path), f"a profile file ({error.strerror})") from error
    try:
        version = msgspec.json.decode(data, type=_Version).schema_version
        if version > SCHEMA_VERSION:
            raise InvalidInput("profile", str(path), f"schema_version up to {SCHEMA_VERSION}, not {version}")
        record = msgspec.json.decode(data, type=ProfileFile)
    except msgspec.DecodeError as error:
        raise InvalidInput("profile", str(path), f"a profile file ({error})") from error
    try:
        return _profile(record)
    except InvalidInput as error:
        raise InvalidInput("profile", str(path), f"{error.field} with {error.expected}") from error


def profile_path(catalog: Path | str, name: str) -> Path:
    """Return where the profile ``name`` of a catalog lies: ``CATALOG/profiles/<name>.json``."""
    if not _NAME.fullmatch(name):
        raise InvalidInput("profile", name, "a name of letters, digits, dot, dash and underscore")
    return Path(catalog) / "profiles" / f"{name}.json"


def find(name: str, catalog: Path | str | None = None) -> VolumeProfile:
    """Return a profile by path (what ends in .json) or by its name in ``catalog``.

    Raises ``InvalidInput`` naming the profiles there are when there is none of that name.
    """
    if name.endswith(".json"):
        return load(name)
    if catalog is None:
        raise InvalidInput("profile", name, "the path of a .json file, where there is no catalog")
    path = profile_path(catalog, name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.json"))) or "none yet"
        raise InvalidInput(
            "profile", name, f"a profile of catalog {catalog} ({known}; profile build makes one)"
        )
    return load(path)


def _record(profile: VolumeProfile) -> ProfileFile:
    return ProfileFile(
        schema_version=SCHEMA_VERSION,
        name=profile.name,
        source=profile.source,
        timezone=profile.timezone,
        days=profile.days,
        last_day=profile.last_day,
        foreign=profile.foreign,
        day_volume=profile.day_volume,
        opening_share=profile.opening_share,
        closing_share=profile.closing_share,
        edges_ns=list(profile.edges_ns),
        fractions=list(profile.fractions),
    )


def _profile(record: ProfileFile) -> VolumeProfile:
    values = msgspec.structs.asdict(record)
    del values["schema_version"]
    edges, fractions = tuple(values.pop("edges_ns")), tuple(values.pop("fractions"))
    return VolumeProfile(**values, edges_ns=edges, fractions=fractions)
