"""A catalog is changed whole or not at all: files are written beside it and moved in at the end."""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.importers import layout

MARKER = ".import-unfinished"
"""Lists, inside the catalog, the files of a move in progress; it is there only if a move was cut off."""


class Staging:
    """A folder beside the catalog that holds an import until it is complete."""

    def __init__(self, catalog: Path) -> None:
        self.catalog = catalog
        catalog.parent.mkdir(parents=True, exist_ok=True)
        self.root = Path(tempfile.mkdtemp(prefix=f".{catalog.name}-import-", dir=catalog.parent))

    def discard(self) -> None:
        """Remove the folder and what is left in it."""
        shutil.rmtree(self.root, ignore_errors=True)

    def files(self) -> list[Path]:
        """Return the Parquet files written so far, relative to the catalog."""
        return sorted(path.relative_to(self.root) for path in self.root.glob("data/**/*.parquet"))

    def move_in(self, texts: dict[str, str]) -> None:
        """Move every file into the catalog and write its text files; all of it or nothing."""
        self.catalog.mkdir(parents=True, exist_ok=True)
        files = self.files()
        marker = self.catalog / MARKER
        before = {name: _text(self.catalog / name) for name in texts}
        marker.write_text("".join(f"{path}\n" for path in files), encoding="utf-8")
        try:
            for path in files:
                target = self.catalog / path
                target.parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).rename(target)
            for name, text in texts.items():
                (self.catalog / name).write_text(text, encoding="utf-8")
        except BaseException:
            _restore(self.catalog, before)
            undo(self.catalog)
            raise
        marker.unlink()


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _restore(catalog: Path, before: dict[str, str | None]) -> None:
    for name, text in before.items():
        if text is None:
            (catalog / name).unlink(missing_ok=True)
        else:
            (catalog / name).write_text(text, encoding="utf-8")


def unfinished(catalog: Path) -> bool:
    """Say whether an import into this catalog was cut off while it moved its files in."""
    return (catalog / MARKER).exists()


def undo(catalog: Path) -> None:
    """Take back the files of an import that was cut off."""
    marker = catalog / MARKER
    for line in marker.read_text(encoding="utf-8").splitlines():
        path = catalog / line
        path.unlink(missing_ok=True)
        _prune(path.parent, catalog)
    marker.unlink()


def _prune(folder: Path, catalog: Path) -> None:
    while folder != catalog and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def refuse_overlap(catalog: Path, kind: str, instrument_id: str, first_ns: int, last_ns: int) -> None:
    """Raise ``InvalidInput`` where the catalog already has data of that kind inside [first, last]."""
    for path in _existing(catalog / layout.folder(kind, instrument_id)):
        try:
            start, end = layout.stamps(path.name)
        except ValueError:
            continue
        if start <= last_ns and first_ns <= end:
            name = layout.file_name(first_ns, last_ns).removesuffix(".parquet").partition("_")[0]
            raise InvalidInput(f"{instrument_id} {kind}", name, f"stamps outside what is there: {path.stem}")


def _existing(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("*.parquet")) if folder.is_dir() else ()
