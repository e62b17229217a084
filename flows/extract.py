"""Extract: list the input files, read their bytes, hash them.

Nothing here looks into a file: that is ``transforms/parse``.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Generator, Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl

from flows.sources import Source, printable_path
from transforms.contracts import FILE_KEY

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

#: The bits of a mode that tell folders, files and links apart.
_FILE_TYPE: Final = 0o170000


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
                entries = list(listed)
        except OSError:
            if folder == os.fsencode(place):
                raise
            yield folder, os.lstat(folder)
            continue
        for entry in entries:
            if not _is_input(entry.name):
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
        # Lists rather than rows: the operating system tells of one file at a time, and there may be a million.
        raw_paths, sizes, times, modes = [], [], [], []
        for raw, status in _listing(source):
            raw_paths.append(raw)
            sizes.append(status.st_size)
            times.append(status.st_mtime_ns // 1_000)
            modes.append(status.st_mode)
        frames.append(
            pl.DataFrame(
                {
                    "source": pl.Series([source.name]).new_from_index(0, len(raw_paths)),
                    "path": [printable_path(raw[len(root) :]) for raw in raw_paths],
                    "raw_path": raw_paths,
                    "size_bytes": sizes,
                    "modified_at": times,
                    "is_folder": modes,
                },
                schema=dict(FOUND) | {"modified_at": pl.Int64, "is_folder": pl.Int64},
            ).with_columns(
                pl.from_epoch("modified_at", time_unit="us").dt.replace_time_zone("UTC").alias("modified_at"),
                ((pl.col("is_folder") & _FILE_TYPE) == stat.S_IFDIR).alias("is_folder"),
            )
        )
    return pl.concat(frames).unique(FILE_KEY, keep="first", maintain_order=True).sort("source", "path")


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
