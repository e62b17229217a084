"""JSON and JSON Lines: an article, a list of them, an object that holds a list, or one on each line.

A JSON file may hold several values, one behind the other, as programs print them. Of a list each element stands on its
own: what comes before a broken one is read, and a list of any length is read piece by piece.
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from transforms.parse.decode import decode_text, excerpt_of
from transforms.parse.fields import FieldMap, has_body_field
from transforms.parse.limits import RefusedError
from transforms.parse.lines import read_lines
from transforms.parse.reading import Context, Format, Head, Stream, too_large
from transforms.parse.records import Article, Item, Note, Refusal

#: Fields under which APIs and data sets put the list of their articles.
_LISTS: Final = (
    "articles", "items", "results", "docs", "documents", "data", "entries", "news", "records", "hits", "rows", "@graph",
)  # fmt: skip
_WRAPPERS: Final = ("response", "data", "result", "hits", "feed")
# White space, and the record separator of RFC 7464.
_BETWEEN: Final = " \t\r\n\x1e\ufeff"
_GAP: Final = re.compile(rf"[{_BETWEEN}]*")
_END: Final = object()
_BLOCK_BYTES: Final = 1 << 20
# Of what stands before a broken place.
_SHOWN_CHARS: Final = 100
_LINE_START: Final = re.compile(r"\s*\{")


def _refusal(error: Exception, excerpt: str | None, where: str = "") -> Refusal:
    if isinstance(error, RefusedError):
        return Refusal(error.rule, f"{where}{error.reason}", error.excerpt or excerpt)
    if isinstance(error, RecursionError):
        return Refusal("too_deep", f"{where}JSON nested deeper than can be read", excerpt)
    told = f"{error.msg} at character {error.pos + 1:,}" if isinstance(error, json.JSONDecodeError) else str(error)
    return Refusal("not_json", f"{where}not JSON: {told}; write it again", excerpt)


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


class _Text:
    """The text of JSON values, of which a part is held at a time."""

    def __init__(self, text: str, pieces: Iterator[str], limit_chars: int) -> None:
        self.text = text
        self.at = 0
        self._dropped_chars = 0
        self._pieces = pieces
        self._limit_chars = limit_chars
        self._decoder = json.JSONDecoder()

    def more(self) -> bool:
        """Read on; false at the end."""
        piece = next(self._pieces, "")
        if piece:
            self._dropped_chars += self.at
            self.text, self.at = self.text[self.at :] + piece, 0
        return bool(piece)

    def broken(self, why: str, at: int) -> RefusedError:
        """The refusal of what stands at this place of the text that is held."""
        reason = f"not JSON: {why} at character {self._dropped_chars + at + 1:,}; write it again"
        return RefusedError("not_json", reason, self.text[max(0, at - _SHOWN_CHARS) :][:1000])

    def next_char(self) -> str:
        """The next character that is no white space, without taking it; empty at the end."""
        while True:
            gap = _GAP.match(self.text, self.at)
            self.at = gap.end() if gap else self.at
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def value(self) -> Any:
        """Take the next value, whole. Raises ``ValueError``, ``RecursionError`` or ``RefusedError``."""
        while True:
            self.next_char()
            try:
                value, end = self._decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                # It may only be cut here.
                if len(self.text) - self.at > self._limit_chars:
                    reason = f"a record of more than {self._limit_chars:,} characters, or a broken one; split it"
                    raise RefusedError("too_large", reason, self.text[self.at : self.at + 1000]) from None
                if not self.more():
                    raise self.broken(error.msg, error.pos) from error
                continue
            # A number may go on.
            if end == len(self.text) and self.more():
                continue
            self.at = end
            return value


def read_values(text: str, pieces: Iterable[str] = (), limit_chars: int = sys.maxsize) -> Iterator[Any]:
    """The JSON values of a text, one after the other; of a list each element on its own, as a list of one.

    ``pieces`` are what follows the text. Raises ``ValueError``, ``RecursionError`` or ``RefusedError`` for what is
    broken, behind all that stands before it.
    """
    rest = _Text(text, iter(pieces), limit_chars)
    while rest.next_char():
        if rest.next_char() != "[":
            yield rest.value()
            continue
        rest.at += 1
        end = rest.next_char()
        while end != "]":
            yield [rest.value()]
            end = rest.next_char()
            if end not in {",", "]"}:
                raise rest.broken("Expecting ',' or ']'", rest.at)
            rest.at += end == ","
        rest.at += 1


def _decoded(content: bytes, stream: Stream) -> tuple[str, Iterator[str]]:
    """The text of a large file, UTF-8, whose start has been read, and what follows it, piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    text = decoder.decode(content.removeprefix(codecs.BOM_UTF8))

    def pieces() -> Iterator[str]:
        while block := stream.read(_BLOCK_BYTES):
            if piece := decoder.decode(block):  # a block may be a part of a character
                yield piece
        yield decoder.decode(b"", final=True)

    return text, pieces()


def _read_document(stream: Stream, context: Context) -> Iterator[Item]:
    fields = FieldMap(context.options.fields)
    limits = context.limits
    notes: tuple[Note, ...] = ()
    content = stream.read(limits.document_bytes + 1)
    if len(content) <= limits.document_bytes:
        text, _, notes = decode_text(content, context.declared, context.options.encoding)
        values = read_values(text)
    elif content.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"[":
        values = read_values(*_decoded(content, stream), limits.record_bytes)
    else:
        raise too_large(limits.document_bytes, "write it as JSON Lines", excerpt_of(content))
    del content
    while True:
        try:
            value = next(values, _END)
        except (ValueError, RecursionError, RefusedError) as error:
            yield _refusal(error, None)
            return
        if value is _END:
            return
        found = find_list(value, context.options.fields)
        yield from _articles([value] if found is None else found, fields, notes)
        notes = ()


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
