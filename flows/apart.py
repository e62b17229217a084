"""Apart: what one file does to its reading, be it to fail, hang or crash, is kept from the others."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl

from flows.deadline import TookTooLongError, deadline
from flows.engine import Engine, Stopwatch
from flows.extract import open_file
from flows.last_resort import last_resort, note_at, verdict
from transforms.contracts import FILE_KEY, TABLES
from transforms.parse import parse, parse_stream
from transforms.parse.format import Parsed, reject
from transforms.parse.reading import Options
from warehouse.staging import STAGED, shard_key

#: What parsing a file may take at most, and a piece of a large one (about 8 MB of text).
FILE_SECONDS: Final = 60.0
#: What it may take on top for each of the files that are parsed together.
_SECONDS_PER_FILE: Final = 0.5
#: How much longer a call into C may take, which no exception ends, before it ends the process.
GRACE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Guard:
    """Names the work on files, so that what ended a process is not tried again."""

    staging: Path
    engine_version: str

    def note(self, files: pl.DataFrame, piece_no: int = 0) -> Path:
        """Where it is noted that a process is at these files (``source``, ``path``, ``sha256``)."""
        key = shard_key(files.select(*FILE_KEY, "sha256").iter_rows(), self.engine_version)
        return note_at(self.staging, f"{key}-{piece_no}")


def _parse(files: pl.DataFrame, options: Options, guard: Guard, watch: Stopwatch) -> Parsed:
    seconds = FILE_SECONDS + _SECONDS_PER_FILE * len(files)
    with watch.step("parse"), last_resort(guard.note(files), seconds + GRACE_SECONDS), deadline(seconds):
        return parse(files.drop("sha256"), options)


def _refused(files: pl.DataFrame, rule: str, stage: str, reason: str) -> dict[str, pl.DataFrame]:
    rejects = reject(files, stage=stage, rule=rule, reason=pl.lit(reason), excerpt=pl.lit(None, dtype=pl.String))
    return {name: TABLES[name].empty() for name in STAGED if name in TABLES} | {"rejects": rejects}


def transform_whole(
    files: pl.DataFrame, options: Options, made: Engine, guard: Guard, watch: Stopwatch
) -> dict[str, pl.DataFrame]:
    """Transform files (``source``, ``path``, ``content``, ``sha256``, ``latest``); if that fails, one by one.

    Those that fail alone, or ended a process, are refused.
    """
    ended = verdict(guard.note(files))
    if ended is None:
        try:
            return made.transform(_parse(files, options, guard, watch), watch)
        except (Exception, TookTooLongError) as error:  # ruff: ignore[blind-except] - what one file causes must not stop the others
            failure = _failure(error)
    else:
        failure = _fatal(ended)
    if len(files) == 1:
        return _refused(files, *failure)
    parts = [transform_whole(files[number], options, made, guard, watch) for number in range(len(files))]
    return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}


def _fatal(ended: str) -> tuple[str, str, str]:
    """The rule, stage and reason of a reject for a file that ended the process that read it."""
    if ended == "hung":
        return "too_slow", "parse", "reading it hung where nothing could stop it, and ended the process; split it"
    return "crash", "parse", "reading it crashed the process; this is a defect of Dateline: report it with the file"


def _failure(error: BaseException) -> tuple[str, str, str]:
    """The rule, stage and reason of a reject for a file that cannot be transformed."""
    if isinstance(error, TookTooLongError):
        return "too_slow", "parse", f"it takes more than {FILE_SECONDS:.0f} seconds to read; split it"
    reason = f"{type(error).__name__}: {error}; this is a defect of Dateline: report it with the file"
    return "defect", "enrich", reason


class _FatalError(Exception):
    """What comes next in a file ended a process before; the argument says how."""


def _pieces(file: pl.DataFrame, raw_path: bytes, options: Options, guard: Guard, watch: Stopwatch) -> Iterator[Parsed]:
    """The articles of a large file (one row: ``source``, ``path``, ``sha256``, ``latest``), some at a time."""
    source, path, latest = file.select(*FILE_KEY, "latest").row(0)
    options = replace(options, latest=latest)
    with open_file(raw_path) as opened, closing(parse_stream(source, path, opened, options)) as parsed:
        for piece_no in itertools.count():
            note = guard.note(file, piece_no)
            if (ended := verdict(note)) is not None:
                raise _FatalError(ended)
            with watch.step("parse"), last_resort(note, FILE_SECONDS + GRACE_SECONDS), deadline(FILE_SECONDS):
                piece = next(parsed, None)
            if piece is None:
                return
            yield piece


def transform_large(
    file: pl.DataFrame, raw_path: bytes, options: Options, made: Engine, guard: Guard, watch: Stopwatch
) -> Iterator[dict[str, pl.DataFrame]]:
    """Transform a large file piece by piece; what comes before a failure stands."""
    try:
        for piece in _pieces(file, raw_path, options, guard, watch):
            yield made.transform(piece, watch)
    except _FatalError as error:
        yield _refused(file, *_fatal(*error.args))
    except (Exception, TookTooLongError) as error:  # ruff: ignore[blind-except] - what one file causes must not stop the others
        yield _refused(file, *_failure(error))
