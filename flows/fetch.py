"""Fetch: bring the objects of a remote location into the data folder, those that are new or changed.

What was fetched is then listed like any folder. An object that cannot be fetched, or a whole source, is told and
stops nothing else.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows.fetched import FetchedFolder, NameProblemError, Outcome
from flows.locations import Expanded, LocationError, expand, shown
from flows.polling import fetch_web
from flows.private_logs import private_logs
from flows.remote_files import Listing, RemoteFile, open_remote
from flows.source_list import SourceEntry

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_BLOCK_BYTES: Final = 1 << 20
#: Objects that are on their way at once, where the file system can.
_CONCURRENT: Final = 8


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one object may take, and what share of a mirror may vanish at once."""

    object_bytes: int
    object_seconds: float
    retire_share: float


class _Download:
    """Copies objects of one file system into one folder. Calls in several threads need different numbers."""

    def __init__(self, files: AbstractFileSystem, folder: FetchedFolder, expanded: Expanded, bounds: Bounds) -> None:
        self._files = files
        self._folder = folder
        self._expanded = expanded
        self._bounds = bounds

    def _copy(self, found: RemoteFile, partial: Path) -> None:
        bounds = self._bounds
        ends_at = time.monotonic() + bounds.object_seconds
        if found.size_bytes is not None:
            self._check_size(found.size_bytes)
            self._folder.check_space(found.size_bytes)
        count = 0
        with self._files.open(found.place, "rb") as source, partial.open("xb") as target:
            while block := source.read(_BLOCK_BYTES):
                count += len(block)
                self._check_size(count)
                if time.monotonic() > ends_at:
                    raise OSError(f"it took longer than {bounds.object_seconds:g} s")
                target.write(block)
        if found.size_bytes is not None and count != found.size_bytes:
            raise OSError(f"{count:,} bytes came, and {found.size_bytes:,} were listed: it changes, or broke off")

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._bounds.object_bytes:
            raise OSError(f"larger than {self._bounds.object_bytes:,} bytes; raise DATELINE_FETCH_BYTES")

    def fetch(self, found: RemoteFile, number: int) -> int | str:
        """Copy one object; returns its size in bytes, or why it could not be fetched."""
        try:
            with self._folder.partial(number) as (partial, _):
                self._copy(found, partial)
                return self._folder.keep(partial, found.name, found.modified_seconds)
        except NameProblemError as error:
            return self._expanded.scrub(str(error))
        except Exception as error:  # ruff: ignore[blind-except] - every file system has errors of its own
            return f"{self._expanded.scrub(found.name)!r} could not be fetched: {self._expanded.describe(error)}"


def _batches(listing: Listing, folder: FetchedFolder) -> Iterator[list[RemoteFile]]:
    """The objects to fetch, so many at a time as can be on their way."""
    waiting: list[RemoteFile] = []
    for found in listing.files():
        if folder.is_current(found.name, found.stamp):
            continue
        waiting.append(found)
        if len(waiting) == _CONCURRENT:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _synchronise(
    files: AbstractFileSystem, listing: Listing, folder: FetchedFolder, download: _Download, outcome: Outcome
) -> None:
    # Only asynchronous file systems promise that threads may share them.
    with ThreadPoolExecutor(_CONCURRENT if files.async_impl else 1) as threads:
        for batch in _batches(listing, folder):
            for found, result in zip(batch, threads.map(download.fetch, batch, range(len(batch))), strict=True):
                if isinstance(result, int):
                    folder.note(found.name, found.stamp, result)
                    outcome.fetched_count += 1
                else:
                    outcome.fail(result)


def _fetch_files(
    entry: SourceEntry, expanded: Expanded, folder: FetchedFolder, bounds: Bounds, outcome: Outcome
) -> None:
    with open_remote(expanded) as opened:
        if isinstance(opened, str):
            outcome.fail(f"{shown(entry.location)} {opened}")
            return
        files, root = opened
        listing = Listing(files, root, expanded, outcome)
        _synchronise(files, listing, folder, _Download(files, folder, expanded, bounds), outcome)
        if entry.mode == "mirror" and listing.is_complete:
            folder.remove_unseen(outcome, bounds.retire_share)


def fetch(name: str, entry: SourceEntry, base: Path, place: Path, bounds: Bounds) -> Outcome:
    """Bring a remote source's folder ``place`` up to date with its location. Raises nothing for its troubles.

    ``base`` is what paths in the location count from.
    """
    outcome = Outcome(name)
    try:
        expanded = expand(entry.location, base)
        # As it stands in the list, without what the environment puts in; its query may matter, and may be private.
        folder = FetchedFolder(place, hashlib.sha256(entry.location.encode()).hexdigest())
    except (LocationError, OSError) as error:
        outcome.fail(str(error))
        return outcome
    try:
        with private_logs(expanded):
            if entry.is_web:
                fetch_web(entry, expanded, folder, outcome, bounds.object_bytes, bounds.object_seconds)
            else:
                _fetch_files(entry, expanded, folder, bounds, outcome)
    except sqlite3.DatabaseError as error:
        folder.forget()
        outcome.fail(f"what was fetched before is fetched again by the next run: {error}")
    except Exception as error:  # ruff: ignore[blind-except] - one source must not stop the others
        outcome.fail(expanded.describe(error))
    finally:
        folder.close()
    return outcome
