"""Extract: find the input files, compare them with the ledger, plan batches, read bytes.

Nothing here looks into a file: that is ``transforms/parse``.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from transforms.contracts import FILE_KEY
from warehouse.folder import DataFolder, write_atomically

#: What a listing tells of a file. ``path`` is relative to its source's folder and printable; ``raw_path`` is the
#: whole path as the bytes that the operating system knows it by.
FOUND: Final = pl.Schema({
    "source": pl.String(),
    "path": pl.String(),
    "raw_path": pl.Binary(),
    "size_bytes": pl.Int64(),
    "modified_at": pl.Datetime("us", "UTC"),
})

#: Where the sample articles lie, seen from the project's folder.
DEFAULT_PATHS: Final = (Path("seeds/articles"),)

#: A file with such a name is still being written.
_PARTIAL_SUFFIXES: Final = (".part", ".tmp")


class SourceError(Exception):
    """A path that cannot be a source."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named folder of input files; ``within`` limits it to one file or folder, relative to ``root``.

    ``apart`` are folders below it that are not part of it: other sources, the data folder.
    """

    name: str
    root: Path
    within: str = ""
    apart: frozenset[Path] = frozenset()


class ReadFile(NamedTuple):
    """A file's bytes and their hash, or why it could not be read."""

    content: bytes | None
    sha256: str | None
    problem: str | None


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
            raise SourceError(f"{path}: no such file or folder; expected a folder of articles or an article file")


def _known_sources(folder: DataFolder) -> dict[str, Path]:
    """The folder of each source; those beside the data folder are noted relative to it, and may move with it."""
    try:
        known = json.loads(folder.sources.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: folder.root.resolve().parent / root for name, root in known.items()}


def _note_sources(folder: DataFolder, known: dict[str, Path]) -> None:
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
    known = _known_sources(folder)
    sources = []
    own_place = folder.root.resolve()
    for path in paths:
        if path.resolve().is_relative_to(own_place):
            raise SourceError(f"{path} lies in the data folder {folder.root}/; articles must stand elsewhere")
        source = _source_of(path, known, name)
        known[source.name] = source.root
        sources.append(source)
    if known != _known_sources(folder):
        _note_sources(folder, known)
    return [replace(each, apart=frozenset({own_place, *known.values()} - {each.root})) for each in sources]


def _is_input(name: str) -> bool:
    """Names that begin with a dot or are still being written are none."""
    return not name.startswith(".") and not name.endswith(_PARTIAL_SUFFIXES)


def _walk(place: Path, apart: frozenset[Path]) -> Iterator[tuple[bytes, os.stat_result]]:
    """Whatever is below a folder, and is no folder, as (path, stat), in no particular order.

    Folders in ``apart`` are left out.

    Symbolic links are not followed, since they could lead out of the folder: they are listed themselves, and
    so is a folder that cannot be read, to be refused by ``read_file``.
    """
    left_out = {os.fsencode(each) for each in apart}
    folders = [os.fsencode(place)]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listed:
                entries = list(listed)
        except OSError:
            if folder == os.fsencode(place):
                raise
            yield folder, os.lstat(folder)
            continue
        for entry in entries:
            if not _is_input(os.fsdecode(entry.name)):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.path not in left_out:
                    folders.append(entry.path)
            else:
                with contextlib.suppress(FileNotFoundError):  # it went while we looked
                    yield entry.path, entry.stat(follow_symlinks=False)


def _listing(source: Source) -> Iterator[tuple[bytes, os.stat_result]]:
    place = source.root / source.within
    return iter([(os.fsencode(place), place.lstat())]) if place.is_file() else _walk(place, source.apart)


def find_files(sources: Iterable[Source]) -> pl.DataFrame:
    """List every file of the sources: schema ``FOUND``, sorted by source and path, one row per file."""
    frames = [pl.DataFrame(schema=FOUND)]
    for source in sources:
        root = os.fsencode(source.root) + (b"" if source.root == Path("/") else b"/")
        # A loop, because the operating system tells of one file at a time.
        rows = [
            (printable_path(raw.removeprefix(root)), raw, status.st_size, status.st_mtime_ns // 1_000)
            for raw, status in _listing(source)
        ]
        listed = pl.DataFrame(
            rows,
            schema={"path": pl.String, "raw_path": pl.Binary, "size_bytes": pl.Int64, "us": pl.Int64},
            orient="row",
        )
        frames.append(
            listed.with_columns(
                pl.lit(source.name).alias("source"),
                pl.from_epoch("us", time_unit="us").dt.replace_time_zone("UTC").alias("modified_at"),
            ).select(FOUND.names())
        )
    return pl.concat(frames).unique(FILE_KEY, keep="first", maintain_order=True).sort("source", "path")


def compare_with_ledger(found: pl.DataFrame, ledger: pl.DataFrame, engine_version: str) -> pl.DataFrame:
    """Tell for each found file whether it is ``new``, ``changed`` or ``unchanged`` (column ``change``).

    Unchanged means: same size and modification time as when this engine processed it. A file that could
    not be read then is tried again.
    """
    known = ledger.select(
        "source",
        "path",
        pl.lit(value=True).alias("is_known"),
        pl.col("size_bytes").alias("known_size"),
        pl.col("modified_at").alias("known_modified"),
        pl.col("engine_version").alias("known_engine"),
        (pl.col("sha256").is_not_null() & (pl.col("status") != "retired")).alias("was_read"),
    )
    is_same = (
        (pl.col("size_bytes") == pl.col("known_size"))
        & (pl.col("modified_at") == pl.col("known_modified"))
        & (pl.col("known_engine") == engine_version)
        & pl.col("was_read")
    )
    change = (
        pl
        .when(pl.col("is_known").is_null())
        .then(pl.lit("new"))
        .when(is_same)
        .then(pl.lit("unchanged"))
        .otherwise(pl.lit("changed"))
    )
    joined = found.join(known, on=FILE_KEY, how="left", maintain_order="left", validate="1:1")
    return joined.with_columns(change.alias("change")).select(*found.columns, "change")


def plan_batches(files: pl.DataFrame, batch_files: int, batch_bytes: int) -> pl.DataFrame:
    """Number the batches (column ``batch_no``, from 0) of files in the order given.

    A batch holds at most ``batch_files`` files and about ``batch_bytes`` bytes: the file that begins in its
    share of the bytes still belongs to it.
    """
    by_count = pl.int_range(pl.len()) // batch_files
    by_size = (pl.col("size_bytes").cum_sum() - pl.col("size_bytes")) // batch_bytes
    return files.with_columns(pl.struct(by_count, by_size.alias("by_size")).rle_id().cast(pl.Int32).alias("batch_no"))


def read_file(raw_path: bytes, max_bytes: int) -> ReadFile:
    """Read a regular file whole and hash what was read; a problem is returned, not raised.

    Links are not followed, and what is no file (a pipe, a device) is not waited for.
    """
    again = "it is tried again at every run"
    try:
        descriptor = os.open(raw_path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return ReadFile(None, None, f"not a regular file; remove it, or write a file in its place: {again}")
            with open(descriptor, "rb", closefd=False) as file:
                if os.fstat(descriptor).st_size > max_bytes:
                    # Hashed all the same: the ledger can tell then that it is unchanged.
                    too_large = f"larger than {max_bytes:,} bytes; split it, or raise DATELINE_MAX_FILE_BYTES"
                    return ReadFile(None, hashlib.file_digest(file, "sha256").hexdigest(), f"the file is {too_large}")
                content = file.read()
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return ReadFile(None, None, f"a symbolic link: copy the file here, or give its folder as a path; {again}")
        return ReadFile(None, None, f"the file could not be read: {error.strerror}; {again}")
    return ReadFile(content, hashlib.sha256(content).hexdigest(), None)
