"""Polling: ask a web address for what is new, politely. ETag and Last-Modified go along with every question.

A feed's answers overlap, and entries leave it again: each entry is kept as a file of its own, named by its id, so that
it is the same article in every answer, a newer state takes the place of the one before, and nothing is lost. Of what is
no feed every distinct answer is kept; a file's newest answer takes the place of the one before.
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
from transforms.parse.feeds import JSON, XML, named_entries

#: Feeds are below a megabyte; the parser reads at most 64.
_FEED_BYTES: Final = 64 << 20
_FEED_FORMATS: Final = frozenset({"auto", XML.name, JSON.name})
_FEED_SECONDS: Final = 120.0
_ENTRIES_NAME: Final = "entries"
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


def _is_there(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _keep_entries(
    answer: Path, entry: SourceEntry, folder: FetchedFolder, suffix: str, asked_at: datetime
) -> int | None:
    """Keep the entries of a feed that are new or changed; returns how many, or None for what is no feed."""
    if entry.format not in _FEED_FORMATS:
        return None
    entries = named_entries(answer.read_bytes(), entry.options)
    count = 0
    for each in entries:
        name = f"{_ENTRIES_NAME}/{each.key[:2]}/{each.key}{suffix or '.xml'}"
        if not _is_there(folder.root / name, each.content):
            with folder.partial(1) as (partial, open_target):
                with open_target() as target:
                    target.write(each.content)
                # Not the answer's time: two answers of one second may differ, and a run goes by time and size.
                folder.keep(partial, name, asked_at.timestamp())
            count += 1
    return count if entries else None


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
        suffix = _suffix(shown(entry.location), answer.content_type)
        kept_count = _keep_entries(partial, entry, folder, suffix, asked_at)
        if kept_count is not None:
            outcome.fetched_count += kept_count
        elif not any(folder.root.glob(f"*-{digest[:16]}*")):
            name = f"{asked_at:%Y%m%dT%H%M%SZ}-{digest[:16]}{suffix}"
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
