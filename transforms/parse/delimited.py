"""CSV and TSV: a header line with the names of the columns, and a record for each article.

The delimiter is the one that splits the header into known names, whatever a line ``sep=;`` above it says. Formulas
(=…, @…) stay what they are: text. Quotes within a field are doubled, or stand behind a backslash, as databases write
them.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from typing import Final

from transforms.parse.fields import FieldMap, has_body_field, looks_like_header
from transforms.parse.limits import RefusedError
from transforms.parse.lines import Line, read_lines
from transforms.parse.reading import Context, Format, Head, Stream
from transforms.parse.records import Item, Note, Refusal

_DELIMITERS: Final = "\t,;|"
_LONGEST_HEADER_CHARS: Final = 20_000
#: Written for Excel, above the header.
SEPARATOR_LINE: Final = re.compile(r"sep=.\s*\Z", re.IGNORECASE)


def _columns(header: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([header], delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []


def _delimiter(header: str) -> str | None:
    """The delimiter that gives most columns, if they are those of articles."""
    if len(header) > _LONGEST_HEADER_CHARS:
        return None
    split = {delimiter: _columns(header, delimiter) for delimiter in _DELIMITERS if delimiter in header}
    known = [delimiter for delimiter, columns in split.items() if looks_like_header(columns)]
    return max(known, key=lambda delimiter: len(split[delimiter])) if known else None


def _any_delimiter(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


class _Feed:
    """Hands lines to the csv module, and remembers which ones a record took."""

    def __init__(self, lines: Iterator[Line], limit_chars: int) -> None:
        self._lines = lines
        self._limit_chars = limit_chars
        self._again: deque[Line] = deque()
        self.taken: list[Line] = []
        self._chars = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        if line.text is None:
            raise RefusedError(line.rule, line.reason, line.excerpt)
        self._chars += len(line.text)
        if self._chars > self._limit_chars:
            raise RefusedError(
                "too_large", f"a record of more than {self._limit_chars:,} characters: is a quote not closed?"
            )
        return line.text

    def start_record(self) -> None:
        self.taken, self._chars = [], 0

    def restart_record(self) -> None:
        """Hand out the lines of the record once more."""
        self._again.extendleft(reversed(self.taken))
        self.start_record()

    def has_escapes(self) -> bool:
        return any('\\"' in (line.text or "") for line in self.taken)

    def where(self) -> str:
        numbers = [line.number for line in self.taken] or [0]
        return f"line {numbers[0]:,}: " if len(numbers) == 1 else f"lines {numbers[0]:,} to {numbers[-1]:,}: "

    def excerpt(self) -> str | None:
        return next((line.text[:1000] for line in self.taken if line.text), None)

    def notes(self) -> tuple[Note, ...]:
        return tuple(note for line in self.taken for note in line.notes)


def _next_row(feed: _Feed, delimiter: str) -> list[str]:
    """The next record; one that is broken is read once more, its quotes behind backslashes.

    Raises ``csv.Error``, and ``StopIteration`` at the end.
    """
    feed.start_record()
    try:
        return next(csv.reader(feed, delimiter=delimiter, strict=True))
    except csv.Error:
        if not feed.has_escapes():
            raise
    feed.restart_record()
    return next(csv.reader(feed, delimiter=delimiter, escapechar="\\", strict=True))


def _rows(feed: _Feed, delimiter: str) -> Iterator[list[str] | Refusal]:
    """The records; a broken one is refused, and the next line begins a new one."""
    while True:
        try:
            yield _next_row(feed, delimiter)
        except StopIteration:
            return
        except RefusedError as error:
            yield Refusal(error.rule, f"{feed.where()}{error.reason}", error.excerpt or feed.excerpt())
        except csv.Error as error:
            reason = f"{feed.where()}not a CSV record: {error}; quotes within a field must be doubled"
            yield Refusal("not_csv", reason, feed.excerpt())


def _record(columns: list[str], row: list[str]) -> dict[str, str]:
    """The cells by column; of columns of one name, the first cell that is not empty."""
    record: dict[str, str] = {}
    for name, cell in zip(columns, row, strict=False):
        record[name] = record.get(name) or cell
    return record


def _read(stream: Stream, context: Context) -> Iterator[Item]:
    limit_chars = context.limits.record_bytes
    # Global to the process, and 131,072 by default: shorter than some articles.
    csv.field_size_limit(max(csv.field_size_limit(), limit_chars))
    feed = _Feed(read_lines(stream, context), limit_chars)
    header = ""
    for header in feed:
        if header.strip() and not SEPARATOR_LINE.match(header):
            break
    delimiter = _delimiter(header) or _any_delimiter(header)
    columns = _columns(header, delimiter)
    notes = feed.notes()
    if not has_body_field(columns, context.options.fields):
        found = ", ".join(columns)[:300]
        raise RefusedError("fields_unknown", f"no column holds the text; there are: {found}; map 'body' to one", header)
    fields = FieldMap(context.options.fields)
    for row in _rows(feed, delimiter):
        if isinstance(row, Refusal):
            yield row
            continue
        if not any(cell.strip() for cell in row):
            continue
        where = feed.where()
        if len(row) > len(columns):
            yield Refusal("not_csv", f"{where}{len(row)} fields in a table of {len(columns)}", feed.excerpt())
            continue
        try:
            article = fields.article(_record(columns, row))
        except RefusedError as error:
            yield Refusal(error.rule, f"{where}{error.reason}", error.excerpt or feed.excerpt())
            continue
        article.notes += notes
        notes = ()
        yield article


def _matches(head: Head) -> bool:
    lines = head.start.split("\n", 2)
    header = lines[1 if len(lines) > 1 and SEPARATOR_LINE.match(lines[0]) else 0].rstrip("\r")
    if _delimiter(header) is not None:
        return True
    return head.suffix in {".csv", ".tsv"} and any(delimiter in header for delimiter in _DELIMITERS)


FORMAT: Final = Format(
    name="delimited",
    version=2,
    expectation="CSV or TSV with a header",
    matches=_matches,
    read=_read,
)
