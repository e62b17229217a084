"""What was fetched of a remote source: its folder in the data folder, and what is remembered of each object.

Every copy is written beside its place and renamed, so that a file that is there is whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from warehouse.folder import fsync_path

_STATE_NAME: Final = ".fetched.sqlite"
#: Ends in .part, so that no listing takes it for an input.
_PARTIAL_NAME: Final = ".{number}.part"
_LONGEST_PART_BYTES: Final = 255
_MOST_PARTS: Final = 100
#: What a download leaves free on the disk: a full one would stop the run itself.
_RESERVE_BYTES: Final = 256 << 20
_SHOWN_PROBLEMS: Final = 10
#: Notes that are written together: a run that is killed fetches so many objects again.
_NOTES_TOGETHER: Final = 200

# Without waiting for the disk: after a power cut the copies are compared by their size, and fetched again if need be.
_SCHEMA: Final = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS source (location TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
    name TEXT PRIMARY KEY, stamp TEXT, bytes INTEGER NOT NULL, seen INTEGER NOT NULL
) WITHOUT ROWID;
"""


@dataclass(slots=True)
class Outcome:
    """What became of one source: copies that are new or changed, removed, held back, and what went wrong."""

    source: str
    fetched_count: int = 0
    removed_count: int = 0
    held_back: str | None = None
    problem_count: int = 0
    problems: list[str] = field(default_factory=list)

    def fail(self, problem: str) -> None:
        self.problem_count += 1
        if len(self.problems) < _SHOWN_PROBLEMS:
            self.problems.append(problem)

    @property
    def messages(self) -> list[str]:
        """One line for each problem, with the source's name; the first few."""
        hidden = self.problem_count - len(self.problems)
        more = [f"and {hidden:,} more objects could not be fetched"] if hidden else []
        return [f"source '{self.source}': {problem}" for problem in [*self.problems, *more]]


class NameProblemError(Exception):
    """An object whose name can be no path below the source's folder."""


def check_name(name: str) -> str:
    """The name of an object, relative to its source, if it stays in its folder and any disk can hold it.

    Raises ``NameProblemError``.
    """
    parts = name.split("/")
    if "\0" in name or any(part in {"", ".", ".."} for part in parts):
        raise NameProblemError(f"{name[:200]!r} would lead out of the source's folder; rename it at its source")
    try:
        is_too_long = len(parts) > _MOST_PARTS or any(len(part.encode()) > _LONGEST_PART_BYTES for part in parts)
    except UnicodeEncodeError:
        raise NameProblemError(f"{name[:200]!r} is no Unicode; rename it at its source") from None
    if is_too_long:
        raise NameProblemError(f"{name[:200]!r} is too long for a path; rename it at its source")
    return name


def is_wanted(name: str) -> bool:
    """Whether a run would take a file or folder of this name: not hidden, not half written."""
    last = name.rpartition("/")[2]
    return not last.startswith(".") and not last.endswith((".part", ".tmp"))


class FetchedFolder:
    """The copies of one source. Only one process at a time may use it: the one that holds the writer lock."""

    def __init__(self, root: Path, location: str) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()
        self._written_count = 0
        self._state = self._opened()
        self._note_location(location)
        self._turn, self._former_count = self._state.execute(
            "SELECT coalesce(max(seen), 0) + 1, count(*) FROM objects"
        ).fetchone()

    def _opened(self) -> sqlite3.Connection:
        path = self.root / _STATE_NAME
        for _ in range(2):
            state = sqlite3.connect(path, isolation_level=None)
            try:
                state.executescript(_SCHEMA)
            except sqlite3.DatabaseError:
                # Damaged: what it remembers can be fetched again.
                state.close()
                path.unlink(missing_ok=True)
                continue
            return state
        raise OSError(f"{path} cannot be written")

    def _note_location(self, location: str) -> None:
        """Forget what the copies were like when they came from somewhere else."""
        if self._state.execute("SELECT location FROM source").fetchall() != [(location,)]:
            with self._state:
                self._state.execute("DELETE FROM source")
                self._state.execute("INSERT INTO source VALUES (?)", [location])
                self._state.execute("UPDATE objects SET stamp = NULL")

    def _write(self, statement: str, values: list[object]) -> None:
        if not self._state.in_transaction:
            self._state.execute("BEGIN")
            self._written_count = 0
        self._state.execute(statement, values)
        self._written_count += 1
        if self._written_count >= _NOTES_TOGETHER:
            self._state.commit()

    def close(self) -> None:
        with contextlib.suppress(sqlite3.DatabaseError):
            self._state.commit()
        self._state.close()

    def forget(self) -> None:
        """Forget what is known of the objects: the next turn fetches them all."""
        self.close()
        (self.root / _STATE_NAME).unlink(missing_ok=True)

    def is_current(self, name: str, stamp: str) -> bool:
        """Whether the copy of an object is there and as its stamp (size, time, ETag) says. Marks it as seen."""
        row = self._state.execute("SELECT stamp, bytes FROM objects WHERE name = ?", [name]).fetchone()
        if row is None:
            return False
        self._write("UPDATE objects SET seen = ? WHERE name = ?", [self._turn, name])
        try:
            return bool(row[0] == stamp) and (self.root / name).lstat().st_size == row[1]
        except OSError:
            return False

    def stamp(self, name: str) -> str | None:
        """What was noted of an object, if its copy is still there."""
        row = self._state.execute("SELECT stamp, bytes FROM objects WHERE name = ?", [name]).fetchone()
        if row is None or not (self.root / name).is_file():
            return None
        stamp: str | None = row[0]
        return stamp

    def note(self, name: str, stamp: str, size_bytes: int) -> None:
        self._write("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)", [name, stamp, size_bytes, self._turn])

    @contextlib.contextmanager
    def partial(self, number: int = 0) -> Generator[tuple[Path, Callable[[], BinaryIO]]]:
        """A file to write to (its path, and how to open it), which is removed unless ``keep`` has taken it."""
        path = self.root / _PARTIAL_NAME.format(number=number)
        path.unlink(missing_ok=True)
        try:
            yield path, lambda: path.open("xb")
        finally:
            path.unlink(missing_ok=True)

    def check_space(self, size_bytes: int) -> None:
        """Raise ``OSError`` when an object of this size would fill the disk."""
        free_bytes = shutil.disk_usage(self.root).free
        if free_bytes < size_bytes + _RESERVE_BYTES:
            raise OSError(f"{size_bytes:,} bytes do not fit on the disk, which has {free_bytes:,} left")

    def keep(self, partial: Path, name: str, modified_seconds: float | None) -> int:
        """Make a partial file the copy of an object, with its time; returns its size in bytes."""
        target = self.root / check_name(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(self.root):
            raise NameProblemError(f"{name!r} leads out of the source's folder through a link")
        if modified_seconds is not None:
            # Times that no file can have are left as they are.
            with contextlib.suppress(OSError, OverflowError, ValueError):
                nanoseconds = round(modified_seconds * 1e9)
                os.utime(partial, ns=(nanoseconds, nanoseconds))
        fsync_path(partial)
        partial.replace(target)
        return target.stat().st_size

    def _unseen(self) -> Iterator[str]:
        # By pieces: the table changes while it is read.
        while names := self._state.execute(
            "SELECT name FROM objects WHERE seen < ? LIMIT 1000", [self._turn]
        ).fetchall():
            for (name,) in names:
                yield name
                self._write("DELETE FROM objects WHERE name = ?", [name])

    def remove_unseen(self, outcome: Outcome, most_share: float) -> None:
        """Remove the copies of objects that this turn did not see, unless there are too many."""
        (lost_count,) = self._state.execute("SELECT count(*) FROM objects WHERE seen < ?", [self._turn]).fetchone()
        if lost_count > most_share * self._former_count:
            outcome.held_back = (
                f"{lost_count:,} of the {self._former_count:,} objects of source '{outcome.source}' vanished, more "
                f"than the {most_share:.0%} that may be retired at once: none was retired; if they are gone, run again "
                "with --retire-share 1"
            )
            return
        for name in self._unseen():
            (self.root / name).unlink(missing_ok=True)
            outcome.removed_count += 1
