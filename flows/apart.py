"""Apart: what one file does to its reading, be it to fail, hang or crash, is kept from the others."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
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
from transforms.parse import name_format, parse, parse_stream, seed_text
from transforms.parse.format import RAW_ARTICLE, Parsed, reject
from transforms.parse.reading import Options
from warehouse.staging import shard_key

#: What parsing a file may take at most, and a piece of a large one (about 8 MB of text).
FILE_SECONDS: Final = 60.0
#: What it may take on top for each of the files that are parsed together.
_SECONDS_PER_FILE: Final = 0.5
#: How much longer a call into C may take, which no exception ends, before it ends the process.
GRACE_SECONDS: Final = 60.0
#: Of files that a library reads, so many wait for a slow one.
_FILES_TOGETHER: Final = 64

_NOTHING: Final = Parsed(RAW_ARTICLE.to_frame(), TABLES["rejects"].empty())


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


def _groups(files: pl.DataFrame, options: Options) -> list[pl.DataFrame]:
    """Files that are parsed together: all seed texts, which no library reads, and the others a few at a time."""
    # A loop over files: their formats are told by the first bytes.
    formats = [name_format(path, content, options) for path, content in files.select("path", "content").iter_rows()]
    is_seed = pl.Series(formats, dtype=pl.String).eq_missing(seed_text.FORMAT.name)
    return [files.filter(is_seed), *files.filter(~is_seed).iter_slices(_FILES_TOGETHER)]


def _together(parts: Iterable[Parsed]) -> Parsed:
    articles, rejects = zip(*parts, strict=True)
    return Parsed(pl.concat(articles), pl.concat(rejects))


def _refuse(files: pl.DataFrame, failure: tuple[str, str, str]) -> pl.DataFrame:
    rule, stage, reason = failure
    return reject(files, stage=stage, rule=rule, reason=pl.lit(reason), excerpt=pl.lit(None, dtype=pl.String))


def _parse_apart(files: pl.DataFrame, options: Options, guard: Guard, watch: Stopwatch) -> Parsed:
    """Parse files, those that failed together one by one; which fails alone, or ended a process, is refused."""
    if files.is_empty():
        return _NOTHING
    ended = verdict(guard.note(files))
    if ended is None:
        try:
            return _parse(files, options, guard, watch)
        except (Exception, TookTooLongError) as error:  # ruff: ignore[blind-except] - what one file causes must not stop the others
            failure = _failure(error)
    else:
        failure = _fatal(ended)
    if len(files) == 1:
        return _NOTHING._replace(rejects=_refuse(files, failure))
    return _together(_parse_apart(files[number], options, guard, watch) for number in range(len(files)))


def _halves(parsed: Parsed, files: pl.DataFrame) -> tuple[Parsed, Parsed]:
    """What was parsed of the first half of these files (``source``, ``path``), and all else."""
    half = files[: len(files) // 2]
    first, second = (
        Parsed(*(frame.join(half, on=FILE_KEY, how=how, maintain_order="left") for frame in parsed))
        for how in ("semi", "anti")
    )
    return first, second


def _transform(parsed: Parsed, made: Engine, watch: Stopwatch) -> dict[str, pl.DataFrame]:
    """Transform parsed files; of those that fail together each half, until one fails alone, and is refused."""
    try:
        return made.transform(parsed, watch)
    except Exception as error:  # ruff: ignore[blind-except] - what one file causes must not stop the others
        files = parsed.articles.select(FILE_KEY).unique(maintain_order=True)
        if len(files) <= 1:
            refused = _refuse(files, _failure(error))
            return made.transform(Parsed(parsed.articles.clear(), pl.concat([parsed.rejects, refused])), watch)
    parts = [_transform(half, made, watch) for half in _halves(parsed, files)]
    return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}


def transform_whole(
    files: pl.DataFrame, options: Options, made: Engine, guard: Guard, watch: Stopwatch
) -> dict[str, pl.DataFrame]:
    """Transform files (``source``, ``path``, ``content``, ``sha256``, ``latest``) together.

    Those that fail alone, take too long or ended a process are refused.
    """
    parsed = [_parse_apart(group, options, guard, watch) for group in _groups(files, options)]
    return _transform(_together(parsed), made, watch)


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
        failure = _fatal(*error.args)
    except (Exception, TookTooLongError) as error:  # ruff: ignore[blind-except] - what one file causes must not stop the others
        failure = _failure(error)
    else:
        return
    yield made.transform(_NOTHING._replace(rejects=_refuse(file, failure)), watch)
