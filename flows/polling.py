"""Polling: ask a web address for what is new, politely. ETag and Last-Modified go along with every question.

A feed's every distinct answer is kept, as entries leave a feed again; a file's newest answer takes the place of
the one before.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from flows import web
from flows.fetched import FetchedFolder, Outcome
from flows.locations import Expanded, shown
from flows.source_list import SourceEntry

#: Feeds are below a megabyte; the parser reads at most 64.
_FEED_BYTES: Final = 64 << 20
_FEED_SECONDS: Final = 120.0
_POLL_NAME: Final = ".poll"
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}")
_SUFFIXES: Final = {"json": ".json", "xml": ".xml", "html": ".html", "plain": ".txt", "csv": ".csv", "gzip": ".gz"}


def _moment(header: str | None) -> datetime | None:
    """The time of an HTTP header, if it is one."""
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _suffix(location: str, content_type: str | None) -> str:
    suffix = PurePosixPath(urlsplit(location).path).suffix
    if _SUFFIX.fullmatch(suffix):
        return suffix.lower()
    told = (content_type or "").partition(";")[0].lower()
    return next((ending for word, ending in _SUFFIXES.items() if word in told), "")


def _file_name(location: str) -> str:
    """A name for the file at an address: the last part of its path, made harmless."""
    last = unquote(PurePosixPath(urlsplit(location).path).name)
    return re.sub(r"[^\w.-]|^\.+|(?:\.part|\.tmp)$", "_", last)[-100:] or "index"


def _validators(stamp: str | None) -> tuple[str | None, str | None, str | None]:
    """ETag, Last-Modified and hash of the last answer, as far as they are known."""
    try:
        etag, last_modified, digest = json.loads(stamp or "[null, null, null]")
    except ValueError:
        return None, None, None
    return etag, last_modified, digest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _ask(
    entry: SourceEntry, expanded: Expanded, folder: FetchedFolder, outcome: Outcome, limits: tuple[int, float]
) -> None:
    asked_at = datetime.now(UTC)
    state_name = _POLL_NAME if entry.poll else _file_name(shown(entry.location))
    etag, last_modified, former = _validators(folder.stamp(state_name))
    limit_bytes, seconds = limits
    with folder.partial() as (partial, open_target):
        answer = web.get(
            expanded.location,
            open_target,
            etag=etag,
            last_modified=last_modified,
            limit_bytes=limit_bytes,
            seconds=seconds,
        )
        if answer.is_same:
            return
        if partial.stat().st_size == 0:
            raise web.WebError("the answer is empty")
        digest = _digest(partial)
        modified = _moment(answer.last_modified) or asked_at
        stamp = json.dumps([answer.etag, answer.last_modified, digest])
        if not entry.poll:
            if digest != former:
                size_bytes = folder.keep(partial, state_name, modified.timestamp())
                outcome.fetched_count += 1
            else:
                size_bytes = (folder.root / state_name).stat().st_size
            folder.note(state_name, stamp, size_bytes)
            return
        if not any(folder.root.glob(f"*-{digest[:16]}*")):
            name = f"{asked_at:%Y%m%dT%H%M%SZ}-{digest[:16]}{_suffix(shown(entry.location), answer.content_type)}"
            folder.note(name, "", folder.keep(partial, name, modified.timestamp()))
            outcome.fetched_count += 1
        # Last: a poll that is cut off before it asks again for the same.
        (folder.root / _POLL_NAME).touch()
        folder.note(_POLL_NAME, stamp, 0)


def fetch_web(
    entry: SourceEntry,
    expanded: Expanded,
    folder: FetchedFolder,
    outcome: Outcome,
    limit_bytes: int,
    seconds: float,
) -> None:
    """Ask an http or https address, and keep what is new. Troubles go to ``outcome``."""
    limits = (min(limit_bytes, _FEED_BYTES), min(seconds, _FEED_SECONDS)) if entry.poll else (limit_bytes, seconds)
    try:
        _ask(entry, expanded, folder, outcome, limits)
    except (web.WebError, OSError, http.client.HTTPException, ValueError) as error:
        said = expanded.scrub(str(error)) if isinstance(error, web.WebError) else expanded.describe(error)
        outcome.fail(f"{shown(entry.location)} could not be fetched: {said}")
