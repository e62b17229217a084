"""The data folder: where releases, staged batches, run records and the lock lie.

A reader finds everything under ``current``, a symbolic link that is resolved once; a load builds the next
release beside it and switches the link as its only commit point.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

MANIFEST_NAME: Final = "manifest.json"
DATABASE_NAME: Final = "warehouse.duckdb"

_RELEASE_DIGITS: Final = 6


class NoReleaseError(Exception):
    """The data folder holds no published release."""


@dataclass(frozen=True)
class Release:
    """A release directory. ``path`` is absolute and free of links: it never changes its content."""

    path: Path

    @property
    def number(self) -> int:
        return int(self.path.name)

    @property
    def database(self) -> Path:
        return self.path / DATABASE_NAME

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest: release, run, versions, and for every file its rows, bytes and SHA-256."""
        loaded: dict[str, Any] = json.loads((self.path / MANIFEST_NAME).read_text(encoding="utf-8"))
        return loaded

    def own_bytes(self) -> int:
        """Bytes on disk that no other release shares: what removing this one alone would free."""
        statuses = [path.stat() for path in self.path.rglob("*") if path.is_file()]
        return sum(status.st_size for status in statuses if status.st_nlink == 1)

    def files(self, table: str, months: Iterable[str] | None = None) -> list[Path]:
        """The table's Parquet files, or those of some months, in the order of their partitions."""
        wanted = None if months is None else set(months)
        return [
            self.path / entry["path"]
            for entry in self._entries(table)
            if wanted is None or entry["partition"] in wanted
        ]

    def partitions(self, table: str) -> dict[str | None, dict[str, Any]]:
        """The manifest entry of each partition of a partitioned table, by month."""
        return {entry["partition"]: entry for entry in self._entries(table)}

    def _entries(self, table: str) -> list[dict[str, Any]]:
        # A release by an earlier version of Dateline has fewer tables.
        found: list[dict[str, Any]] = self.manifest["tables"].get(table, {"files": []})["files"]
        return found

    @contextlib.contextmanager
    def held(self) -> Generator[bool]:
        """Keep the release from being collected while the block runs; false when it is gone already."""
        try:
            descriptor = os.open(self.path / MANIFEST_NAME, os.O_RDONLY)
        except FileNotFoundError:
            yield False
            return
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False  # it is being collected
            else:
                yield os.fstat(descriptor).st_nlink > 0
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """Remove the release, unless somebody holds it."""
        manifest = self.path / MANIFEST_NAME
        descriptor = os.open(manifest, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            # First: without it the directory is no release any more, whatever interrupts the rest.
            manifest.unlink()
            remove_tree(self.path)
        finally:
            os.close(descriptor)


@dataclass(frozen=True)
class DataFolder:
    """The paths in a data folder. Building one creates nothing; ``create`` does."""

    root: Path

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def current(self) -> Path:
        return self.root / "current"

    @property
    def staging(self) -> Path:
        return self.root / "staging"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def lock(self) -> Path:
        return self.root / "loader.lock"

    @property
    def sources(self) -> Path:
        return self.root / "sources.json"

    @property
    def touched(self) -> Path:
        """Files that are as the ledger says but for their modification time, until a release notes it."""
        return self.root / "touched.parquet"

    def create(self) -> None:
        for folder in (self.releases, self.staging, self.runs):
            folder.mkdir(parents=True, exist_ok=True)
        fsync_path(self.root.absolute().parent)
        fsync_path(self.root)

    def current_release(self) -> Release | None:
        """The published release, or None before the first one.

        Should the link lead nowhere (a power cut, a deleted folder), the newest complete release takes its place.
        """
        if not self.current.is_symlink():
            return None
        try:
            return Release(self.current.resolve(strict=True))
        except FileNotFoundError:
            return next(reversed(self.complete_releases()), None)

    def published_release(self, number: int | None = None) -> Release:
        """The current release, or the one of this number if it is still kept.

        Raises ``NoReleaseError`` when there is none.
        """
        if number is None:
            release = self.current_release()
            if release is None:
                raise NoReleaseError(
                    f"no release in {self.root}/: run `dateline run` first, or name another folder with --data"
                )
            return release
        kept = {release.number: release for release in self.complete_releases()}
        if number not in kept:
            numbers = ", ".join(map(str, kept)) or "none"
            raise NoReleaseError(f"release {number} is not in {self.root}/; kept are: {numbers}")
        return kept[number]

    def complete_releases(self) -> list[Release]:
        """Every release that is kept, oldest first."""
        paths = self.releases.iterdir() if self.releases.is_dir() else iter(())
        found = [Release(path.resolve()) for path in paths if (path / MANIFEST_NAME).exists()]
        return sorted(found, key=lambda release: release.number)

    def begin_release(self) -> Release:
        """Make the directory of the next release, empty."""
        numbers = [int(path.name) for path in self.releases.iterdir() if path.name.isdecimal()]
        path = self.releases / f"{max(numbers, default=0) + 1:0{_RELEASE_DIGITS}d}"
        path.mkdir()
        return Release(path.resolve())

    def switch_to(self, release: Release) -> None:
        """Make the release the current one: the commit point."""
        former = self.current_release()
        fsync_path(self.releases)
        link = self.root / f"current.{os.getpid()}.tmp"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("releases") / release.path.name, target_is_directory=True)
        if former is not None:
            # The modification time of a release's directory says until when it was the current one. Noted before
            # it is so: a kill in between must not make it look older than it is.
            os.utime(former.path)
        link.replace(self.current)
        fsync_path(self.root)

    def clear_unfinished(self) -> None:
        """Remove releases that a dead run left half-built, and its temporary files. Call it under the lock."""
        for path in self.releases.iterdir():
            if not (path / MANIFEST_NAME).exists():
                remove_tree(path)
        for leftover in (
            *self.root.glob("current.*.tmp"),
            *self.root.glob(".*.tmp"),
            *self.runs.glob(".*.tmp"),
            *self.reports.glob(".*.tmp"),
            *self.staging.glob(".*.tmp"),
            *self.staging.glob("plan-*"),
        ):
            remove_tree(leftover)

    def collect(self, keep: int, keep_hours: float) -> None:
        """Remove old releases and everything staged. Call it under the lock.

        The newest ``keep`` releases stay, the current one, those that were current within the last ``keep_hours``,
        and those that somebody holds.
        """
        current = self.current_release()
        since = time.time() - keep_hours * 3600
        for release in self.complete_releases()[:-keep]:
            is_current = current is not None and release.path == current.path
            if not is_current and release.path.stat().st_mtime < since:
                release.remove()
        for path in self.staging.iterdir():
            remove_tree(path)


def fsync_path(path: Path) -> None:
    """Flush a file, or a directory's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a small text file so that a reader sees the old one or the new one, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    temporary.replace(path)
    fsync_path(path.parent)


def remove_tree(path: Path) -> None:
    """Remove a file or a directory tree; what vanished meanwhile is gone as well."""
    with contextlib.suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
