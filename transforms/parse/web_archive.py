"""WARC and ARC, the files of web crawlers: each response with an HTML page is an article.

warcio reads the records. Whatever packs the file, records or the whole, is unpacked before it gets here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any, BinaryIO, Final, cast

from transforms.parse.content_encoding import unpack
from transforms.parse.decode import decode_text
from transforms.parse.html_page import read_page
from transforms.parse.limits import MIB, RefusedError
from transforms.parse.reading import Context, Format, Head, Stream
from transforms.parse.records import Item, Note, Refusal

# A page, as in html_page; what is longer is some other thing.
_LARGEST_BYTES: Final = 8 * MIB
_LONGEST_HEADER_BYTES: Final = 1 << 16
_BLOCK_BYTES: Final = 1 << 14
_OK: Final = "200"
_HTML: Final = ("text/html", "application/xhtml+xml")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
#: Records about the crawl and not of it.
_ABOUT: Final = frozenset({"warcinfo", "request", "metadata", "arc_header"})


class _Ready:
    """A stream that gives what has come, be it less than was asked for: if what follows is broken, it is not lost."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        return self._stream.read1(size)


def _content(record: Any) -> tuple[bytes, tuple[Note, ...]]:
    """What the server sent, and a remark if the end is missing."""
    headers = record.http_headers
    codings = (headers.get_header("Content-Encoding") if headers is not None else None) or ""
    if codings:
        headers.replace_header("Content-Encoding", "identity")  # warcio is to leave it packed
    content, is_whole = unpack(record.content_stream().read(_LARGEST_BYTES + 1), codings, _LARGEST_BYTES)
    why = record.rec_headers.get_header("WARC-Truncated")
    if why is not None:
        reason = f"the crawler cut it off ({why})"
    elif getattr(record.raw_stream, "limit", 0) > 0 and not record.raw_stream.read(1):
        reason = "the archive ends before the length that its record tells"
    elif not is_whole:
        reason = f"the {codings} stream ends too early"
    else:
        return content, ()
    return content, (Note("incomplete", f"{reason}: the end of the page is missing"),)


def _page(record: Any, context: Context, url: str | None) -> Item:
    """The article of a record. Raises ``RefusedError``."""
    if record.rec_type not in {"response", "resource"}:
        raise RefusedError("not_html", f"a record of type {record.rec_type}; only responses and resources are read")
    headers = record.http_headers
    if headers is not None and record.rec_type == "response":
        status = (headers.get_statuscode() or "").strip()
        if status != _OK:
            raise RefusedError("http_status", f"the server answered {status or 'without a status'}, not 200")
    kind = (record.content_type if headers is None else headers.get_header("Content-Type")) or ""
    content, notes = _content(record)
    context.budget.unpacked(len(content))
    if len(content) > _LARGEST_BYTES:
        raise RefusedError("too_large", f"a page of more than {_LARGEST_BYTES:,} bytes")
    is_html = kind.partition(";")[0].strip().lower() in _HTML
    if not is_html and not (not kind.strip() and re.match(rb"\s*<(?:!doctype html|html)", content, re.IGNORECASE)):
        raise RefusedError("not_html", f"the content is {kind.strip() or 'of no type'}; only HTML pages are read")
    if not content.strip():
        raise RefusedError("body_missing", "the page is empty")
    charset = _CHARSET.search(kind)
    text = decode_text(content, charset[1] if charset else None, context.options.encoding)
    article = read_page(text.text, url=url, path="")
    article.notes += (*text.notes, *notes)
    return article


def _read(stream: Stream, context: Context) -> Iterator[Item]:
    from warcio.archiveiterator import ArchiveIterator  # ruff: ignore[import-outside-top-level] - only these need it
    from warcio.bufferedreaders import DecompressingBufferedReader  # ruff: ignore[import-outside-top-level]
    from warcio.exceptions import ArchiveLoadFailed  # ruff: ignore[import-outside-top-level]

    class Bounded(DecompressingBufferedReader):  # type: ignore[misc] # warcio tells no types
        """warcio's reader, which would join a line without an end block by block, each time from its start."""

        def readline(self, length: int | None = None) -> bytes:
            limit = _LONGEST_HEADER_BYTES if length is None else min(length, _LONGEST_HEADER_BYTES)
            line: bytes = super().readline(limit)
            if len(line) >= _LONGEST_HEADER_BYTES:
                raise ArchiveLoadFailed(f"a header of more than {_LONGEST_HEADER_BYTES:,} bytes")
            return line

    number = 0
    records = ArchiveIterator(cast("BinaryIO", stream), arc2warc=False)
    records.reader = Bounded(_Ready(stream), block_size=_BLOCK_BYTES)
    while True:
        try:
            with redirect_stderr(io.StringIO()):  # warcio prints its warnings
                record = next(records, None)
        except (ArchiveLoadFailed, EOFError, ValueError, AttributeError, IndexError, UnicodeError) as error:
            raise RefusedError("corrupt", f"the archive is broken after record {number:,}: {error}") from error
        if record is None:
            return
        number += 1
        if record.rec_type in _ABOUT:
            continue
        url = record.rec_headers.get_header("WARC-Target-URI") or record.rec_headers.get_header("uri")
        try:
            yield _page(record, context, url)
        except RefusedError as error:
            yield Refusal(error.rule, f"record {number:,} of the archive: {error.reason}", url or error.excerpt)
        except Exception as error:  # ruff: ignore[blind-except] - HTTP headers and chunks break in many ways
            context.budget.check()
            reason = f"record {number:,} of the archive cannot be read: {type(error).__name__}: {str(error)[:200]}"
            yield Refusal("unreadable", reason, url)


def _matches(head: Head) -> bool:
    return re.match(rb"\s*WARC/\d|filedesc://", head.content) is not None


FORMAT: Final = Format(
    name="warc",
    version=4,
    expectation="WARC or ARC",
    matches=_matches,
    read=_read,
)
