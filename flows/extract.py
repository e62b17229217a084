"""Extract: list the input files, read their bytes, hash them.

Nothing here looks into a file: that is ``transforms/parse``.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import stat
from collections.abc import Generator, Iterable, Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from flows.sources import Source, printable_path

#: What a listing tells of a file. ``path`` is relative to its source's folder and printable; ``raw_path`` is the
#: whole path as the bytes that the operating system knows it by; ``is_folder`` is true for a folder that cannot be
#: listed.
FOUND: Final = pl.Schema({
    "source": pl.String(),
    "path": pl.String(),
    "raw_path": pl.Binary(),
    "size_bytes": pl.Int64(),
    "modified_at": pl.Datetime("us", "UTC"),
    "is_folder": pl.Boolean(),
})

#: A file with such a name is still being written.
_PARTIAL_SUFFIXES: Final = (b".part", b".tmp")

#: Files that are held as Python objects at a time.
_LISTED_TOGETHER: Final = 20_000


class ReadFile(NamedTuple):
    """A file's bytes and their hash, or why it could not be read."""

    content: bytes | None
    sha256: str | None
    problem: str | None


def _is_input(name: bytes) -> bool:
    """Names that begin with a dot or are still being written are none."""
    return not name.startswith(b".") and not name.endswith(_PARTIAL_SUFFIXES)


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
                # One by one: a single folder may hold a million.
                for entry in listed:
                    if not _is_input(entry.name) or entry.path in left_out:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif (status := _status(entry)) is not None:
                        yield entry.path, status
        except OSError:
            if folder == os.fsencode(place):
                raise
            yield folder, os.lstat(folder)


def _status(entry: os.DirEntry[bytes]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # it went while we looked
        return None


def _listing(source: Source) -> Iterator[tuple[bytes, os.stat_result]]:
    place = source.root / source.within
    return iter([(os.fsencode(place), place.lstat())]) if place.is_file() else _walk(place, source.apart)


def _as_frame(source: Source, entries: Sequence[tuple[bytes, os.stat_result]]) -> pl.DataFrame:
    root = os.fsencode(source.root) + (b"" if source.root == Path("/") else b"/")
    return pl.DataFrame(
        {
            "source": pl.Series([source.name]).new_from_index(0, len(entries)),
            "path": [printable_path(raw[len(root) :]) for raw, _ in entries],
            "raw_path": [raw for raw, _ in entries],
            "size_bytes": [status.st_size for _, status in entries],
            "modified_at": [status.st_mtime_ns // 1_000 for _, status in entries],
            "is_folder": [stat.S_ISDIR(status.st_mode) for _, status in entries],
        },
        schema=dict(FOUND) | {"modified_at": pl.Int64},
    ).with_columns(pl.from_epoch("modified_at", time_unit="us").dt.replace_time_zone("UTC").alias("modified_at"))


def find_files(sources: Iterable[Source]) -> pl.DataFrame:
    """List every file of the sources: schema ``FOUND``, sorted by source and path, one row per file."""
    by_name: dict[str, list[pl.DataFrame]] = {}
    for source in sources:
        frames = by_name.setdefault(source.name, [])
        # By pieces: there may be a million, and what Python holds of a file takes five times what a row does.
        listing = _listing(source)
        while piece := list(itertools.islice(listing, _LISTED_TOGETHER)):
            frames.append(_as_frame(source, piece))
    # Each source on its own: over two columns, sorting takes twice the memory.
    listed = [pl.concat(by_name[name]).sort("path") for name in sorted(by_name) if by_name[name]]
    found = pl.concat([pl.DataFrame(schema=FOUND), *listed])
    is_again = (pl.col("path") == pl.col("path").shift()) & (pl.col("source") == pl.col("source").shift())
    return found.filter(~is_again.fill_null(value=False))


class NotRegularError(Exception):
    """What was opened is a pipe, a device or a folder."""


@contextlib.contextmanager
def open_file(raw_path: bytes) -> Generator[BufferedReader]:
    """Open a regular file to read. Links are not followed, and what is no file is not waited for.

    Raises ``OSError``, or ``NotRegularError``.
    """
    descriptor = os.open(raw_path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegularError
    with os.fdopen(descriptor, "rb") as file:
        yield file


def read_ahead(raw_paths: Iterable[bytes]) -> None:
    """Tell the operating system that these files are read next, so that the disk fetches many of them at a time.

    26,000 small files that are not in its cache take 0.7 instead of 2.5 s to read then; in the cache, 0.1 s more.
    """
    if not hasattr(os, "posix_fadvise"):  # macOS, Windows
        return
    for raw_path in raw_paths:
        with contextlib.suppress(OSError, NotRegularError), open_file(raw_path) as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)


def hash_file(raw_path: bytes) -> str | None:
    """The SHA-256 of a regular file's bytes; None when it cannot be read."""
    try:
        with open_file(raw_path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, NotRegularError):
        return None


def read_file(raw_path: bytes, max_bytes: int) -> ReadFile:
    """Read a regular file whole and hash what was read; a problem is returned, not raised."""
    again = "it is tried again at every run"
    try:
        with open_file(raw_path) as file:
            if os.fstat(file.fileno()).st_size > max_bytes:
                # Hashed all the same: the ledger can tell then that it is unchanged.
                too_large = f"larger than {max_bytes:,} bytes; split it, or raise DATELINE_MAX_FILE_BYTES"
                return ReadFile(None, hashlib.file_digest(file, "sha256").hexdigest(), f"the file is {too_large}")
            content = file.read()
    except NotRegularError:
        return ReadFile(None, None, f"not a regular file; remove it, or write a file in its place: {again}")
    except OSError as error:
        if error.errno == errno.ELOOP:
            return ReadFile(None, None, f"a symbolic link: copy the file here, or give its folder as a path; {again}")
        return ReadFile(None, None, f"the file could not be read: {error.strerror}; {again}")
    return ReadFile(content, hashlib.sha256(content).hexdigest(), None)
