"""JSON and JSON Lines: an article, a list of them, an object that holds a list, or one on each line.

A JSON file may hold several values, one behind the other, as programs print them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from transforms.parse.fields import FieldMap, has_body_field
from transforms.parse.limits import RefusedError
from transforms.parse.lines import read_lines
from transforms.parse.reading import Context, Format, Head, Stream, read_text
from transforms.parse.records import Article, Item, Note, Refusal

#: Fields under which APIs and data sets put the list of their articles.
_LISTS: Final = (
    "articles", "items", "results", "docs", "documents", "data", "entries", "news", "records", "hits", "rows", "@graph",
)  # fmt: skip
_WRAPPERS: Final = ("response", "data", "result", "hits", "feed")
# White space, and the record separator of RFC 7464.
_BETWEEN: Final = " \t\r\n\x1e\ufeff"
_GAP: Final = re.compile(rf"[{_BETWEEN}]*")
_LINE_START: Final = re.compile(r"\s*\{")


def _refusal(error: Exception, excerpt: str | None, where: str = "") -> Refusal:
    if isinstance(error, RefusedError):
        return Refusal(error.rule, f"{where}{error.reason}", error.excerpt or excerpt)
    if isinstance(error, RecursionError):
        return Refusal("too_deep", f"{where}JSON nested deeper than can be read", excerpt)
    return Refusal("not_json", f"{where}not JSON: {error}; write it again", excerpt)


def _article(value: Any, fields: FieldMap, notes: tuple[Note, ...] = ()) -> Article:
    if not isinstance(value, Mapping):
        raise RefusedError(
            "not_an_article", f"expected an object with fields, came {type(value).__name__}", str(value)[:200]
        )
    # Elasticsearch wraps each hit
    inner = value.get("_source")
    article = fields.article(inner if isinstance(inner, Mapping) else value)
    article.notes += notes
    return article


def _articles(values: Iterable[Any], fields: FieldMap, notes: tuple[Note, ...]) -> Iterator[Item]:
    for value in values:
        try:
            yield _article(value, fields, notes)
        except RefusedError as error:
            yield _refusal(error, None)


def find_list(value: Any, mapping: Mapping[str, str] = MappingProxyType({})) -> list[Any] | None:
    """The list of records that a JSON value is or holds; None if it is one record. ``mapping``: ``Options.fields``."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping):
        return None
    for name in _LISTS:
        found = value.get(name)
        if isinstance(found, list) and any(isinstance(each, Mapping) for each in found):
            return found
    for name in _WRAPPERS:
        found = value.get(name)
        if isinstance(found, Mapping) and (inner := find_list(found, mapping)) is not None:
            return inner
    # Records by their keys: {"17": {…}, "18": {…}}
    records = list(value.values())
    if has_body_field(value, mapping) or not all(isinstance(each, Mapping) for each in records):
        return None
    return records if any(has_body_field(each, mapping) for each in records) else None


def read_values(text: str) -> Iterator[Any]:
    """The JSON values of a text, one after the other. Raises ``ValueError`` or ``RecursionError``."""
    decoder = json.JSONDecoder()
    at = len(text) - len(text.lstrip(_BETWEEN))
    while True:
        value, at = decoder.raw_decode(text, at)
        yield value
        gap = _GAP.match(text, at)
        at = gap.end() if gap else at
        if at == len(text):
            return


def _read_document(stream: Stream, context: Context) -> Iterator[Item]:
    text = read_text(stream, context)
    fields = FieldMap(context.options.fields)
    notes = text.notes
    try:
        for value in read_values(text.text):
            found = find_list(value, context.options.fields)
            yield from _articles([value] if found is None else found, fields, notes)
            notes = ()
    except (ValueError, RecursionError) as error:
        yield _refusal(error, text.text[:1000])


def _read_lines(stream: Stream, context: Context) -> Iterator[Item]:
    fields = FieldMap(context.options.fields)
    for line in read_lines(stream, context):
        where = f"line {line.number:,}: "
        if line.text is None:
            yield Refusal(line.rule, f"{where}{line.reason}", line.excerpt)
            continue
        if not line.text.strip("\x1e\x00 \t\r\n\ufeff"):
            continue
        try:
            # The record separator of RFC 7464 may begin a line.
            yield _article(json.loads(line.text.lstrip("\x1e\ufeff")), fields, line.notes)
        except (ValueError, RecursionError, RefusedError) as error:
            yield _refusal(error, line.text[:1000], where)


def _is_lines(head: Head) -> bool:
    """Two objects on two lines, or a first line that is one, whole."""
    if not _LINE_START.match(head.start.lstrip("\x1e")):
        return False
    first, newline, rest = head.start.lstrip("\x1e").partition("\n")
    if not newline:
        # One long line: only the name can tell, and it makes no difference for a short one.
        return head.suffix in {".jsonl", ".ndjson"}
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        is_object = first.rstrip().endswith("}") and bool(_LINE_START.match(rest))
        is_printed = first.strip() in {"{", "["}  # a value over several lines, whatever the name says
        return is_object or (head.suffix in {".jsonl", ".ndjson", ".jsonlines"} and not is_printed)
    return (
        not rest.strip() or _LINE_START.match(rest.lstrip("\x1e")) is not None or head.suffix in {".jsonl", ".ndjson"}
    )


def _is_document(head: Head) -> bool:
    return head.start.startswith("{") or (
        head.start.startswith("[") and re.match(r"\[\s*[\[{\]]", head.start) is not None
    )


LINES: Final = Format(
    name="json_lines",
    version=2,
    expectation="JSON Lines",
    matches=_is_lines,
    read=_read_lines,
)
DOCUMENT: Final = Format(
    name="json",
    version=2,
    expectation="JSON",
    matches=_is_document,
    read=_read_document,
)
