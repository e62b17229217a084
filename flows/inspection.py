"""Inspection: what would be read of a file, and what not, without loading anything."""

from __future__ import annotations

import codecs
import csv
import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import polars as pl

from flows.sources import printable_path
from transforms.parse import choose_format, parse_stream
from transforms.parse.decode import decode_text
from transforms.parse.delimited import SEPARATOR_LINE
from transforms.parse.fields import GUESSES, FieldMap, looks_like_header
from transforms.parse.format import WHOLE_FILE
from transforms.parse.json_records import find_list, read_values
from transforms.parse.limits import Budget, RefusedError
from transforms.parse.reading import HEAD_BYTES, Context, Head, Options, Stream
from transforms.parse.records import Item

SHOWN_ARTICLES: Final = 3
SHOWN_BODY_CHARS: Final = 80
SHOWN_PROBLEMS: Final = 20

#: Members of a container whose format is looked at, and for how long.
_PEEKED_MEMBERS: Final = 200
_PEEKED_SECONDS: Final = 5.0
_WITHOUT_ENCODING: Final = frozenset({"parquet", "warc"})
_WITH_FIELDS: Final = frozenset({"json", "json_lines", "delimited", "parquet"})
_DELIMITERS: Final = "\t,;|"


@dataclass(frozen=True, slots=True)
class Sample:
    """The start of an article."""

    published: date | datetime | None
    title: str | None
    start: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A record or file (``record_no`` -1) that would be refused, or a remark on one that would be kept."""

    record_no: int
    rule: str
    reason: str


@dataclass(slots=True)
class Inspection:
    """What a file holds.

    ``unused`` are fields of which nothing is made. Of the problems, ``remark_count`` are remarks on articles that are
    read. ``is_whole`` is false when reading stopped after the records that were asked for.
    """

    path: Path
    size_bytes: int
    format: str | None = None
    encoding: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    article_count: int = 0
    problem_count: int = 0
    remark_count: int = 0
    is_whole: bool = True
    samples: list[Sample] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether it gives articles and nothing else."""
        return self.article_count > 0 and self.problem_count == 0


class _EnoughError(Exception):
    """Enough members of a container have been looked at."""


@dataclass(slots=True)
class _Peek:
    """What the formats say before anything is read: their names, encodings, and the fields of records."""

    until: float
    formats: Counter[str] = field(default_factory=Counter)
    encodings: Counter[str] = field(default_factory=Counter)
    fields: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    is_cut: bool = False

    def read(self, stream: Stream, context: Context) -> Iterator[Item]:
        """Look at a document; of a container, at what is in it. Yields nothing of a document."""
        if self.formats.total() >= _PEEKED_MEMBERS or time.monotonic() > self.until:
            self.is_cut = True
            raise _EnoughError
        head = Head(stream.head(), context.path, context.declared)
        chosen = choose_format(head, context.options)
        self.formats[chosen.name if chosen else "unknown"] += 1
        if chosen is None:
            return
        if chosen.is_container:
            yield from chosen.read(stream, context)
            return
        if chosen.name not in _WITHOUT_ENCODING:
            encoding = _encoding(head.content, context)
            self.encodings.update([encoding] if encoding else [])
        if chosen.name in _WITH_FIELDS and not self.fields:
            record = _first_record(chosen.name, head, stream, context)
            self.fields = _fields_of(record, context.options)
            self.unused = _unused(record, self.fields)


def _encoding(content: bytes, context: Context) -> str | None:
    """The encoding of a document by its start."""
    whole_lines = content[: content.rfind(b"\n") + 1] if len(content) == HEAD_BYTES else content
    try:
        return codecs.lookup(
            decode_text(whole_lines or content, context.declared, context.options.encoding).encoding
        ).name
    except RefusedError:
        return None


def _header(text: str) -> list[str]:
    """The columns of a table, by the delimiter that gives the names of articles."""
    line = next((line for line in text.splitlines() if line.strip() and not SEPARATOR_LINE.match(line)), "")
    split = [next(csv.reader([line], delimiter=delimiter), []) for delimiter in _DELIMITERS if delimiter in line]
    columns = [[name.strip() for name in names] for names in split]
    known = [names for names in columns if looks_like_header(names)]
    return max(known or columns, key=len, default=[])


def _first_record(name: str, head: Head, stream: Stream, context: Context) -> Any:
    """The first record of a document, as far as it can be had without reading much; None otherwise."""
    if name == "delimited":
        return {column: column for column in _header(head.start)}
    if name == "json_lines":
        return json.loads(head.start.lstrip("\x1e").partition("\n")[0])
    if name == "json":
        content = stream.read_all(context.limits.document_bytes, "split it")
        value = next(read_values(decode_text(content, context.declared, context.options.encoding).text))
        found = find_list(value, context.options.fields)
        return value if found is None else next((each for each in found if isinstance(each, Mapping)), None)
    import pyarrow.parquet as pq  # ruff: ignore[import-outside-top-level] - only Parquet needs it

    file = pq.ParquetFile(stream.seekable_file(context.limits.document_bytes))
    return {column: column for column in file.schema_arrow.names}


def _labelled(value: Any, label: str) -> Any:
    """A record of the same shape whose every text is the name of the field that it stands in."""
    if isinstance(value, Mapping):
        return {key: _labelled(each, f"{label}.{key}" if label else str(key)) for key, each in value.items()}
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return label


def _fields_of(record: Any, options: Options) -> dict[str, str]:
    """Which field of a record becomes which column of an article."""
    if not isinstance(record, Mapping):
        return {}
    inner = record.get("_source")
    labelled = _labelled(inner if isinstance(inner, Mapping) else record, "")
    # The field map itself tells, by the names that come out of it as if they were values.
    fields = FieldMap(options.fields)
    try:
        article = fields.article(labelled)
        body = article.body
    except RefusedError:
        article, body = fields.article(labelled, body=""), None
    found = {
        "title": article.title,
        "published": article.published,
        "byline": article.byline,
        "url": article.url,
        "language": article.language,
        "body": body,
    }
    return {column: str(found[column]) for column in GUESSES if found.get(column)}


def _unused(record: Any, fields: Mapping[str, str]) -> list[str]:
    """The fields of a record that hold something and stand behind no column."""
    if not isinstance(record, Mapping):
        return []
    inner = record.get("_source")
    told = inner if isinstance(inner, Mapping) else record
    used = set(fields.values()) | {name.partition(".")[0] for name in fields.values()}
    return [name for name, value in told.items() if str(name) not in used and str(value or "").strip()]


def _peek(file: BinaryIO, name: str, options: Options, result: Inspection) -> None:
    peek = _Peek(time.monotonic() + _PEEKED_SECONDS)
    context = Context(name, options, Budget(options.limits, result.size_bytes), peek.read)
    stream = Stream(file, may_seek=True)
    # What is wrong with the file, reading it tells.
    with suppress(Exception):
        for _ in peek.read(stream, context):
            pass
    with suppress(ValueError):
        stream.detach()
    more = "+" if peek.is_cut else ""
    names = [f"{name} ({count}{more})" if count > 1 else name for name, count in peek.formats.items()]
    result.format = " > ".join(names) or None
    result.encoding = ", ".join(sorted(peek.encodings)) or None
    result.fields = peek.fields
    result.unused = peek.unused


def _add(result: Inspection, articles: pl.DataFrame, rejects: pl.DataFrame) -> None:
    result.article_count += len(articles)
    result.problem_count += len(rejects)
    result.remark_count += len(rejects.join(articles, on="record_no", how="semi"))
    wanted = SHOWN_ARTICLES - len(result.samples)
    columns = ("published_on", "published_at", "title", "body")
    for on, at, title, body in articles.select(columns).head(max(0, wanted)).iter_rows():
        result.samples.append(Sample(at or on, title, " ".join(body[:1_000].split())[:SHOWN_BODY_CHARS]))
    wanted = max(0, SHOWN_PROBLEMS - len(result.problems))
    for row in rejects.select("record_no", "rule", "reason").head(wanted).iter_rows():
        result.problems.append(Problem(*row))


def inspect_file(path: Path, options: Options, most_records: int, name: str | None = None) -> Inspection:
    """Read a file, at most its first ``most_records`` records, and tell what it holds.

    ``name`` is its path within its source, which may tell a date; without it, its path within the current folder,
    if it lies there. Raises ``OSError`` when it cannot be opened.
    """
    with path.open("rb") as file:
        result = Inspection(Path(printable_path(os.fsencode(path))), path.stat().st_size)
        place = path.absolute()
        name = name or (str(place.relative_to(Path.cwd())) if place.is_relative_to(Path.cwd()) else path.name)
        name = printable_path(os.fsencode(name))
        _peek(file, name, options, result)
        for articles, rejects in parse_stream("", name, file, options):
            is_within = pl.col("record_no") < most_records
            _add(result, articles.filter(is_within), rejects.filter(is_within))
            if not articles.filter(~is_within).is_empty() or not rejects.filter(~is_within).is_empty():
                result.is_whole = False
                break
        return result


def as_record(result: Inspection) -> dict[str, Any]:
    """An inspection as plain values, in the order in which they are shown."""
    return {
        "path": str(result.path),
        "size_bytes": result.size_bytes,
        "format": result.format,
        "encoding": result.encoding,
        "fields": result.fields,
        "unused_fields": result.unused,
        "article_count": result.article_count,
        "problem_count": result.problem_count,
        "remark_count": result.remark_count,
        "is_whole": result.is_whole,
        "first_articles": [
            {"published": each.published and each.published.isoformat(), "title": each.title, "start": each.start}
            for each in result.samples
        ],
        "problems": [
            {
                "record_no": None if each.record_no == WHOLE_FILE else each.record_no,
                "rule": each.rule,
                "reason": each.reason,
            }
            for each in result.problems
        ],
    }
