"""Sources: the named folders that articles come from, and what the data folder remembers of them."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final

from flows.locations import is_url, shown_path
from transforms.parse.reading import Options
from warehouse.folder import DataFolder, write_atomically

#: Where the sample articles lie, seen from the project's folder.
DEFAULT_PATHS: Final = (Path("seeds/articles"),)


class SourceError(Exception):
    """A path that cannot be a source."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named folder of input files; ``within`` limits it to one file or folder, relative to ``root``.

    ``apart`` are folders below it that are not part of it: other sources, the data folder. ``options`` say how its
    files are read. What vanished from a source that ``is_mirror`` is retired. The files of one that ``is_fetched``
    are copies that Dateline made: they are whole, however young.
    """

    name: str
    root: Path
    within: str = ""
    apart: frozenset[Path] = frozenset()
    options: Options = field(default_factory=Options)
    is_mirror: bool = False
    is_fetched: bool = False

    @property
    def options_key(self) -> str:
        """A short name for the options, the same in every process; empty for the defaults.

        A file is processed again when it changes.
        """
        default = asdict(Options())
        # An option that a later version adds changes no key as long as it keeps its default.
        given = {name: value for name, value in asdict(self.options).items() if value != default[name]}
        if not given:
            return ""
        return hashlib.sha256(json.dumps(given, sort_keys=True, default=str).encode()).hexdigest()[:12]

    @property
    def version_suffix(self) -> str:
        """What the engine's version ends with for this source's files."""
        return f"+options-{self.options_key}" if self.options_key else ""


def printable_path(path: bytes) -> str:
    """A path as text: bytes that are not UTF-8 are written as escapes, so that any table can hold it."""
    try:
        return path.decode("utf-8")
    except UnicodeDecodeError:
        # The hash keeps it apart from a file whose name really is what the escapes look like.
        return f"{path.decode('utf-8', 'backslashreplace')}#{hashlib.sha256(path).hexdigest()[:8]}"


def _names(root: Path) -> Iterator[str]:
    """Names for a source in this folder: the folder's own, then with its parents' before it, then numbered."""
    parts = [printable_path(os.fsencode(part)) for part in root.parts[1:]] or ["root"]
    for taken in range(1, len(parts) + 1):
        yield "-".join(parts[-taken:])
    for number in itertools.count(2):
        yield f"{parts[-1]}-{number}"


def check_paths(paths: Iterable[Path], name: str | None = None) -> None:
    """Raise ``SourceError`` for the first path that is neither a folder nor a file, or for an empty name."""
    if name is not None and not name.strip():
        raise SourceError("--source needs a name that is not empty")
    for path in paths:
        if not path.is_dir() and not path.is_file():
            place = shown_path(path)
            if is_url(place):
                raise SourceError(f"{place}: an address is no path; list it as a source in sources.toml")
            raise SourceError(f"{place}: no such file or folder; expected a folder of articles or an article file")


def known_sources(folder: DataFolder) -> dict[str, Path]:
    """The folder of each source; those beside the data folder are noted relative to it, and may move with it."""
    try:
        known = json.loads(folder.sources.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: folder.root.resolve().parent / root for name, root in known.items()}


def note_sources(folder: DataFolder, known: dict[str, Path]) -> None:
    """Remember the folder of each source, if it changed."""
    if known == known_sources(folder):
        return
    beside = folder.root.resolve().parent
    noted = {
        name: str(root.relative_to(beside) if root.is_relative_to(beside) else root) for name, root in known.items()
    }
    write_atomically(folder.sources, json.dumps(noted, indent=1) + "\n")


def _source_of(path: Path, known: dict[str, Path], name: str | None) -> Source:
    """The source that a path is, or is part of."""
    place = path.resolve()
    root = place if place.is_dir() else place.parent
    if name is not None:
        former = known.get(name, root)
        if former != root and former.is_dir():
            raise SourceError(f"the source name '{name}' stands for {former}, not for {root}; choose another name")
        return Source(name, root, "" if place == root else place.name)
    around = [(own, known_root) for own, known_root in known.items() if place.is_relative_to(known_root)]
    if around:
        own, root = max(around, key=lambda each: len(each[1].parts))
        return Source(own, root, "" if place == root else str(place.relative_to(root)))
    own = next(each for each in _names(root) if each not in known)
    return Source(own, root, "" if place == root else place.name)


def as_sources(paths: Iterable[Path], folder: DataFolder, name: str | None = None) -> list[Source]:
    """Turn paths into sources, named ``name`` or else like their folders, and remember which is which.

    A folder keeps the name that it had in this data folder before, and what lies inside it is part of it. A
    name is not used for a second folder, not even when the first is gone (it may be unmounted for a while):
    their files would be taken for each other. Only ``name`` gives the name of a vanished folder to another.

    Raises ``SourceError`` for a path that does not exist, lies in the data folder, or cannot have this name.
    """
    paths = list(paths)
    check_paths(paths)
    known = known_sources(folder)
    sources = []
    own_place = folder.root.resolve()
    for path in paths:
        if path.resolve().is_relative_to(own_place):
            raise SourceError(f"{path} lies in the data folder {folder.root}/; articles must stand elsewhere")
        source = _source_of(path, known, name)
        known[source.name] = source.root
        sources.append(source)
    note_sources(folder, known)
    return keep_apart(sources, folder, known)


def keep_apart(sources: Iterable[Source], folder: DataFolder, known: dict[str, Path]) -> list[Source]:
    """The sources without the folders in them that belong to others."""
    others = {folder.root.resolve(), *known.values()}
    return [replace(each, apart=frozenset(others - {each.root})) for each in sources]
