"""Remote files: file systems of fsspec, opened with care, and what lies in them."""

from __future__ import annotations

import calendar
import contextlib
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from flows.fetched import NameProblemError, Outcome, check_name, is_wanted
from flows.locations import Expanded, scheme_of

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_SILENCE_SECONDS: Final = 60
#: Where file systems tell what changes with the content.
_VALIDATORS: Final = ("ETag", "etag", "CRC", "checksum", "md5Hash", "content_md5")
_TIMES: Final = ("LastModified", "mtime", "last_modified", "modified", "updated", "created", "date_time")
#: What brings which file system, as pip knows it.
_PACKAGES: Final = {
    "s3": "dateline[s3]",
    "s3a": "dateline[s3]",
    "sftp": "dateline[sftp]",
    "ssh": "dateline[sftp]",
    "http": "dateline[https]",
    "https": "dateline[https]",
}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as it was listed. ``place`` is what its file system knows it by; ``stamp`` changes with it."""

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


def _described(info: dict[str, Any], name: str) -> RemoteFile:
    size = info.get("size")
    modified = next((seconds for key in _TIMES if (seconds := _seconds(info.get(key))) is not None), None)
    validator = next((str(info[key]) for key in _VALIDATORS if info.get(key) is not None), None)
    return RemoteFile(
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


class Listing:
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

    def files(self) -> Iterator[RemoteFile]:
        """Every file below the root, or the root itself if it is one; links are not followed."""
        try:
            info = self._files.info(self._root) if self._root.strip("/") else {"type": "directory"}
        except Exception as error:  # ruff: ignore[blind-except] - every file system has errors of its own
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
                kind = info.get("type")
                name = self._name(place, folder, is_folder=kind == "directory")
                if name is None:
                    continue
                if kind == "directory" or place.endswith("/"):
                    folders.append(place.rstrip("/"))
                elif kind == "file" and not info.get("islink"):
                    yield _described(info, name)
                else:
                    self._outcome.fail(f"{self._expanded.scrub(name)!r} is a link or no regular file: not followed")

    def _name(self, place: str, folder: str, *, is_folder: bool) -> str | None:
        """The name of what lies in a folder, below the root; None if it is not to be fetched."""
        if place.rstrip("/") == folder.rstrip("/"):
            # The folder's own entry in an object store; or objects with two slashes in their names.
            if is_folder and place.endswith("/"):
                self._outcome.fail(f"{self._expanded.scrub(place)!r} holds a folder without a name: not fetched")
            return None
        name = _relative(place, self._root, is_archive=self._is_archive).rstrip("/")
        if name.rpartition("/")[2] not in {".", ".."} and not is_wanted(name):
            return None
        try:
            return check_name(name)
        except NameProblemError as error:
            self._outcome.fail(self._expanded.scrub(str(error)))
            return None


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
def open_remote(expanded: Expanded) -> Generator[tuple[AbstractFileSystem, str] | str]:
    """The file system of a location and the path in it, or why there is none."""
    problem = None
    files = None
    try:
        files, root = _open(expanded.location)
    except ImportError as error:
        schemes = [scheme_of(part) for part in reversed(expanded.location.split("::"))]
        scheme = next((each for each in schemes if each in _PACKAGES), None)
        advice = f"pip install '{_PACKAGES[scheme]}'" if scheme else expanded.describe(error)
        problem = f"needs another package: {advice}"
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
