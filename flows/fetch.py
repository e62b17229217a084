"""Fetch: bring the objects of a remote location into the data folder, those that are new or changed.

What was fetched is then listed like any folder. An object that cannot be fetched, or a whole source, is told and
stops nothing else.
"""

from __future__ import annotations

import calendar
import contextlib
import json
import sqlite3
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from flows.fetched import FetchedFolder, NameProblemError, Outcome, check_name, is_wanted
from flows.locations import Expanded, LocationError, expand, scheme_of, shown
from flows.polling import fetch_web
from flows.source_list import SourceEntry

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_BLOCK_BYTES: Final = 1 << 20
#: Objects that are on their way at once, where the file system can.
_CONCURRENT: Final = 8
_SILENCE_SECONDS: Final = 60
#: Where file systems tell what changes with the content.
_VALIDATORS: Final = ("ETag", "etag", "CRC", "checksum", "md5Hash", "content_md5")
_TIMES: Final = ("LastModified", "mtime", "last_modified", "modified", "updated", "created")
#: What brings which file system, as pip knows it.
_PACKAGES: Final = {"s3": "dateline[s3]", "s3a": "dateline[s3]", "sftp": "dateline[sftp]", "ssh": "dateline[sftp]",
                    "http": "dateline[https]", "https": "dateline[https]"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one object may take, and what share of a mirror may vanish at once."""

    object_bytes: int
    object_seconds: float
    retire_share: float


@dataclass(frozen=True, slots=True)
class _Object:
    """An object as it was listed. ``place`` is what its file system knows it by; ``stamp`` changes with it."""

    place: str
    name: str
    size_bytes: int | None
    modified_seconds: float | None
    stamp: str


def _seconds(value: Any) -> float | None:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, tuple):  # the six numbers of a zip archive
        with contextlib.suppress(TypeError, ValueError):
            return float(calendar.timegm((*value[:6], 0, 0, 0)))
    return None


def _described(info: dict[str, Any], name: str) -> _Object:
    size = info.get("size")
    modified = next(
        (seconds for key in (*_TIMES, "date_time") if (seconds := _seconds(info.get(key))) is not None), None
    )
    validator = next((str(info[key]) for key in _VALIDATORS if info.get(key) is not None), None)
    return _Object(
        place=info["name"],
        name=name,
        size_bytes=size if isinstance(size, int) else None,
        modified_seconds=modified,
        stamp=json.dumps([size, modified, validator]),
    )


def _relative(place: str, root: str, *, is_archive: bool) -> str:
    """An object's name below the root; whatever does not lie there keeps a name that is refused."""
    if root in {"", "/"}:
        return place if is_archive else place.lstrip("/")
    prefix = root.rstrip("/") + "/"
    return place.removeprefix(prefix) if place.startswith(prefix) else f"../{place}"


class _Listing:
    """Walks a file system, one folder at a time. ``is_complete`` is false once something could not be listed."""

    def __init__(self, files: AbstractFileSystem, root: str, expanded: Expanded, outcome: Outcome) -> None:
        from fsspec.archive import AbstractArchiveFileSystem  # ruff: ignore[import-outside-top-level] - with fsspec

        self._files = files
        self._root = root
        self._expanded = expanded
        self._outcome = outcome
        self._is_archive = isinstance(files, AbstractArchiveFileSystem)
        self.is_complete = True

    def _fail(self, problem: str) -> None:
        self._outcome.fail(problem)
        self.is_complete = False

    def _listed(self, folder: str) -> list[dict[str, Any]]:
        try:
            return sorted(self._files.ls(folder, detail=True), key=lambda info: str(info["name"]))
        except Exception as error:  # ruff: ignore[blind-except] - every file system has errors of its own
            self._fail(f"{self._expanded.scrub(folder)} cannot be listed: {self._expanded.describe(error)}")
            return []

    def objects(self) -> Iterator[_Object]:
        """Every file below the root, or the root itself if it is one; links are not followed."""
        try:
            info = self._files.info(self._root) if self._root.strip("/") else {"type": "directory"}
        except Exception as error:  # ruff: ignore[blind-except]
            where = self._expanded.scrub(self._expanded.location)
            self._fail(f"{where} cannot be reached: {self._expanded.describe(error)}")
            return
        if info.get("type") == "file":
            yield _described(info, check_name(str(info["name"]).rstrip("/").rpartition("/")[2]))
            return
        folders = [self._root]
        while folders:
            folder = folders.pop()
            for info in self._listed(folder):
                place = str(info["name"])
                if place.rstrip("/") == folder.rstrip("/"):
                    continue  # the folder's own entry in an object store
                name = _relative(place, self._root, is_archive=self._is_archive)
                bare = name.rstrip("/")
                if bare.rpartition("/")[2] not in {".", ".."} and not is_wanted(bare):
                    continue
                try:
                    check_name(bare)
                except NameProblemError as error:
                    self._outcome.fail(self._expanded.scrub(str(error)))
                    continue
                if info.get("type") == "directory" or place.endswith("/"):
                    folders.append(place.rstrip("/"))
                elif info.get("type") == "file" and not info.get("islink"):
                    yield _described(info, name)
                else:
                    self._outcome.fail(f"{self._expanded.scrub(name)!r} is a link or no regular file: not followed")


def _sftp(url: str) -> tuple[AbstractFileSystem, str]:
    """An SFTP server whose key the user knows: fsspec's own connection takes any."""
    import paramiko  # ruff: ignore[import-outside-top-level] - optional
    from fsspec.implementations.sftp import SFTPFileSystem  # ruff: ignore[import-outside-top-level]

    class KnownHosts(SFTPFileSystem):  # type: ignore[misc]
        def _connect(self) -> None:
            self.client = paramiko.SSHClient()
            self.client.load_system_host_keys()
            self.client.set_missing_host_key_policy(paramiko.RejectPolicy())
            self.client.connect(self.host, **self.ssh_kwargs)
            self.ftp = self.client.open_sftp()
            self.ftp.get_channel().settimeout(_SILENCE_SECONDS)

    split = urlsplit(url)
    given = {
        "port": split.port,
        "username": unquote(split.username) if split.username else None,
        "password": unquote(split.password) if split.password else None,
    }
    files = KnownHosts(
        split.hostname,
        timeout=_SILENCE_SECONDS,
        banner_timeout=_SILENCE_SECONDS,
        auth_timeout=_SILENCE_SECONDS,
        skip_instance_cache=True,
        use_listings_cache=False,
        **{name: value for name, value in given.items() if value is not None},
    )
    return files, unquote(split.path) or "/"


def _open(location: str) -> tuple[AbstractFileSystem, str]:
    import fsspec  # ruff: ignore[import-outside-top-level] - only remote sources need it

    scheme = scheme_of(location)
    if scheme in {"sftp", "ssh"} and "::" not in location:
        return _sftp(location)
    given: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
    if scheme in {"s3", "s3a"}:
        given["config_kwargs"] = {
            "connect_timeout": 20,
            "read_timeout": _SILENCE_SECONDS,
            "retries": {"max_attempts": 3},
        }
    if "::" in location:
        given = {}  # they would be given to the outermost file system alone, which may not take them
    files, root = fsspec.core.url_to_fs(location, **given)
    files.invalidate_cache()
    return files, root


@contextlib.contextmanager
def _opened(expanded: Expanded, scheme: str) -> Generator[tuple[AbstractFileSystem, str] | str]:
    """The file system of a location and the path in it, or why there is none."""
    problem = None
    files = None
    try:
        files, root = _open(expanded.location)
    except ImportError as error:
        package = _PACKAGES.get(scheme)
        problem = f"install what reads {scheme} locations: " + (
            f"pip install '{package}'" if package else expanded.describe(error)
        )
    except ValueError as error:
        problem = f"cannot be used: {expanded.describe(error)}"
    except Exception as error:  # ruff: ignore[blind-except] - every file system has errors of its own
        problem = f"cannot be reached: {expanded.describe(error)}"
    if files is None:
        yield problem or "cannot be reached"
        return
    try:
        yield files, root
    finally:
        for each in ("client", "zip"):
            with contextlib.suppress(Exception):
                getattr(files, each).close()


class _Download:
    """Copies objects of one file system into one folder. Calls in several threads need different numbers."""

    def __init__(self, files: AbstractFileSystem, folder: FetchedFolder, expanded: Expanded, bounds: Bounds) -> None:
        self._files = files
        self._folder = folder
        self._expanded = expanded
        self._bounds = bounds

    def _copy(self, found: _Object, partial: Path) -> None:
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

    def fetch(self, found: _Object, number: int) -> int | str:
        """Copy one object; returns its size in bytes, or why it could not be fetched."""
        try:
            with self._folder.partial(number) as (partial, _):
                self._copy(found, partial)
                return self._folder.keep(partial, found.name, found.modified_seconds)
        except NameProblemError as error:
            return self._expanded.scrub(str(error))
        except Exception as error:  # ruff: ignore[blind-except] - every file system has errors of its own
            return f"{self._expanded.scrub(found.name)!r} could not be fetched: {self._expanded.describe(error)}"


def _batches(listing: _Listing, folder: FetchedFolder) -> Iterator[list[_Object]]:
    """The objects to fetch, so many at a time as can be on their way."""
    waiting: list[_Object] = []
    for found in listing.objects():
        if folder.is_current(found.name, found.stamp):
            continue
        waiting.append(found)
        if len(waiting) == _CONCURRENT:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _synchronise(
    files: AbstractFileSystem, listing: _Listing, folder: FetchedFolder, download: _Download, outcome: Outcome
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
    with _opened(expanded, scheme_of(entry.location)) as opened:
        if isinstance(opened, str):
            outcome.fail(f"{shown(entry.location)} {opened}")
            return
        files, root = opened
        listing = _Listing(files, root, expanded, outcome)
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
        # As it stands in the list: what the environment puts in is not written down.
        folder = FetchedFolder(place, shown(entry.location))
    except (LocationError, OSError) as error:
        outcome.fail(str(error))
        return outcome
    try:
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
