"""Extract: find the input files, compare them with the ledger, plan batches, read bytes.

Nothing here looks into a file: that is ``transforms/parse``.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from warehouse.folder import DataFolder, write_atomically

#: What a listing tells of a file. ``root`` is the source's folder; ``path`` is relative to it and printable;
#: ``raw_path`` is the same as the bytes that the operating system knows it by.
FOUND: Final = pl.Schema({
    "source": pl.String(),
    "root": pl.String(),
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
    """A named folder of input files; ``only`` limits it to one file."""

    name: str
    root: Path
    only: str | None = None


class ReadFile(NamedTuple):
    """A file's bytes and their hash, or why it could not be read."""

    content: bytes | None
    sha256: str | None
    problem: str | None


def printable_path(path: bytes) -> str:
    """A path as text: bytes that are not UTF-8 are written as escapes, so that any table can hold it."""
    return path.decode("utf-8", "backslashreplace")


def _names(root: Path) -> Iterator[str]:
    """Names for a source in this folder: the folder's own, then with its parents' before it, then numbered."""
    parts = [printable_path(os.fsencode(part)) for part in root.parts[1:]] or ["root"]
    for taken in range(1, len(parts) + 1):
        yield "-".join(parts[-taken:])
    for number in itertools.count(2):
        yield f"{parts[-1]}-{number}"


def check_paths(paths: Iterable[Path]) -> None:
    """Raise ``SourceError`` for the first path that is neither a folder nor a file."""
    for path in paths:
        if not path.is_dir() and not path.is_file():
            raise SourceError(f"{path}: no such file or folder; expected a folder of articles or an article file")


def as_sources(paths: Iterable[Path], folder: DataFolder, name: str | None = None) -> list[Source]:
    """Turn paths into sources, named ``name`` or else like their folders, and remember which is which.

    A folder keeps the name that it had in this data folder before; a name that stands for another folder is
    not used a second time, because their files would be taken for each other.

    Raises ``SourceError`` for a path that does not exist.
    """
    try:
        known: dict[str, str] = json.loads(folder.sources.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = {}
    registered = dict(known)
    sources = []
    paths = list(paths)
    check_paths(paths)
    for path in paths:
        root, only = (path.resolve(), None) if path.is_dir() else (path.resolve().parent, path.name)
        own = name or next((known_name for known_name, place in registered.items() if place == str(root)), None)
        if own is None:
            own = next(each for each in _names(root) if each not in registered or not Path(registered[each]).is_dir())
        registered[own] = str(root)
        sources.append(Source(own, root, only))
    if registered != known:
        write_atomically(folder.sources, json.dumps(registered, indent=1, ensure_ascii=False) + "\n")
    return sources


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """Regular files below a folder as (relative path, stat), in no particular order.

    Symbolic links are not followed: they could lead out of the folder.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            relative = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, relative + "/")
            elif entry.is_file(follow_symlinks=False) and not entry.name.endswith(_PARTIAL_SUFFIXES):
                yield relative, entry.stat(follow_symlinks=False)


def _listing(source: Source) -> Iterator[tuple[str, os.stat_result]]:
    if source.only is None:
        return _walk(str(source.root), "")
    return iter([(source.only, (source.root / source.only).stat())])


def find_files(sources: Iterable[Source]) -> pl.DataFrame:
    """List every file of the sources: schema ``FOUND``, sorted by source and path, one row per file."""
    frames = [pl.DataFrame(schema=FOUND)]
    for source in sources:
        # A loop, because the operating system tells of one file at a time.
        rows = [(os.fsencode(path), status.st_size, status.st_mtime_ns // 1_000) for path, status in _listing(source)]
        listed = pl.DataFrame(
            rows, schema={"raw_path": pl.Binary, "size_bytes": pl.Int64, "us": pl.Int64}, orient="row"
        )
        frames.append(
            listed.with_columns(
                pl.lit(source.name).alias("source"),
                pl.lit(str(source.root)).alias("root"),
                pl.Series("path", [printable_path(raw) for raw, _, _ in rows], dtype=pl.String),
                pl.from_epoch("us", time_unit="us").dt.replace_time_zone("UTC").alias("modified_at"),
            ).select(FOUND.names())
        )
    return pl.concat(frames).unique(["source", "path"], keep="first", maintain_order=True).sort("source", "path")


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
    joined = found.join(known, on=["source", "path"], how="left", maintain_order="left", validate="1:1")
    return joined.with_columns(change.alias("change")).select(*found.columns, "change")


def plan_batches(files: pl.DataFrame, batch_files: int, batch_bytes: int) -> pl.DataFrame:
    """Number the batches (column ``batch_no``, from 0) of files in the order given.

    A batch holds at most ``batch_files`` files and about ``batch_bytes`` bytes: the file that begins in its
    share of the bytes still belongs to it.
    """
    by_count = pl.int_range(pl.len()) // batch_files
    by_size = (pl.col("size_bytes").cum_sum() - pl.col("size_bytes")) // batch_bytes
    return files.with_columns(pl.struct(by_count, by_size.alias("by_size")).rle_id().cast(pl.Int32).alias("batch_no"))


def read_file(root: str, raw_path: bytes, max_bytes: int) -> ReadFile:
    """Read a file whole and hash what was read; a problem is returned, not raised."""
    try:
        with Path(root, os.fsdecode(raw_path)).open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        return ReadFile(None, None, f"the file could not be read: {error.strerror}; it is tried again at every run")
    if len(content) > max_bytes:
        return ReadFile(
            None, None, f"the file is larger than {max_bytes:,} bytes; raise DATELINE_MAX_FILE_BYTES or split it"
        )
    return ReadFile(content, hashlib.sha256(content).hexdigest(), None)
