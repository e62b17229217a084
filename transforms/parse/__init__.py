"""Parse: bytes of files become raw articles, one module per format.

A format is chosen by content, and by the name where content does not tell. To add one, write a module with a
``Format`` and put it into ``FORMATS``. Nothing here decides what a good article is: text comes out as it
stood in the file.
"""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import BinaryIO

import polars as pl

from transforms.parse import (
    archives,
    compressed,
    delimited,
    feeds,
    html_page,
    json_records,
    parquet,
    seed_text,
    text_document,
    web_archive,
)
from transforms.parse.collect import Collector
from transforms.parse.dates import default_latest, home_zone
from transforms.parse.decode import EMPTY, decode_utf8, excerpt_of
from transforms.parse.fields import FieldMap
from transforms.parse.foreign import is_surely_foreign, what_it_is
from transforms.parse.format import Parsed
from transforms.parse.limits import BombError, Budget, RefusedError
from transforms.parse.reading import HEAD_BYTES, Context, Format, Head, Options, Stream, read_text
from transforms.parse.records import Item, Refusal

#: In the order in which they are asked whether a file is theirs: the surest signs first.
FORMATS: tuple[Format, ...] = (
    compressed.GZIP,
    compressed.BZIP2,
    compressed.XZ,
    compressed.ZSTD,
    archives.ZIP,
    archives.TAR,
    parquet.FORMAT,
    web_archive.FORMAT,
    seed_text.FORMAT,
    html_page.FORMAT,
    feeds.XML,
    feeds.JSON,
    json_records.LINES,
    json_records.DOCUMENT,
    delimited.FORMAT,
    text_document.FORMAT,
)

PARSE_VERSION = "+".join(f"{each.name}-{each.version}" for each in FORMATS)

_DEFAULT = Options()
_EXPECTED = ", ".join(each.expectation for each in FORMATS if not each.is_container)
_QUOTED_CHARS = 60


def _container(head: Head) -> Format | None:
    return next((each for each in FORMATS if each.is_container and each.matches(head)), None)


def choose_format(head: Head, options: Options) -> Format | None:
    """The format of a document; one that the source names goes before all but containers."""
    container = _container(head)
    if container is not None:
        return container
    if options.format is not None:
        return next(each for each in FORMATS if each.name == options.format)
    return next((each for each in FORMATS if each.matches(head)), None)


def name_format(path: str, head: bytes, options: Options = _DEFAULT) -> str | None:
    """The name of the format that a file with these first bytes is read as; None if it is nobody's.

    ``head`` has ``HEAD_BYTES`` bytes, or all that there are.
    """
    head = head[:HEAD_BYTES]
    if options.format in {None, seed_text.FORMAT.name} and seed_text.is_surely_seed_text(head):
        # People keep them by the hundred thousand: all signs of all formats would take 0.02 ms a file.
        return seed_text.FORMAT.name
    chosen = choose_format(Head(head, path, None), options)
    return None if chosen is None else chosen.name


def is_packed(path: str, head: bytes) -> bool:
    """Whether a file with these first bytes holds files, so that what comes out may be many times its size."""
    return _container(Head(head[:HEAD_BYTES], path, None)) is not None


def parse_version(format_name: str | None) -> str:
    """What a file that is read as this format depends on; all formats, if it is none or can hold files of any."""
    chosen = next((each for each in FORMATS if each.name == format_name), None)
    return PARSE_VERSION if chosen is None or chosen.is_container else f"{chosen.name}-{chosen.version}"


def _unknown(head: Head) -> str:
    start = head.text.strip("\r\n").partition("\n")[0] if head.text else excerpt_of(head.content)
    came = f"'{start[:_QUOTED_CHARS]}…'" if len(start) > _QUOTED_CHARS else f"'{start}'"
    return f"no known format: came {came}; expected {_EXPECTED}, packed or not"


def _recognise(stream: Stream, context: Context) -> Format:
    """The format of what is in a stream. Raises ``RefusedError``."""
    content = stream.head()
    if len(content) < HEAD_BYTES and not content.removeprefix(codecs.BOM_UTF8).strip():
        raise RefusedError("empty_file", EMPTY)
    head = Head(content, context.path, context.declared)
    chosen = choose_format(head, context.options)
    known = what_it_is(content)
    if known is not None and (chosen is None or (chosen is text_document.FORMAT and is_surely_foreign(content))):
        raise RefusedError("not_text", known, excerpt_of(content))
    if chosen is not None:
        return chosen
    if head.text is None:
        read_text(stream, context)  # says where it is broken
    raise RefusedError("unknown_format", _unknown(head), head.text or excerpt_of(content))


def _read_items(stream: Stream, context: Context) -> Iterator[Item]:
    """Every record of a stream; at least one, and nothing is raised but ``BombError``."""
    count = 0
    is_whole = context.depth == 0
    try:
        chosen = _recognise(stream, context)
        for item in chosen.read(stream, context):
            count += 1
            yield item
    except BombError:
        raise
    except RefusedError as error:
        yield Refusal(error.rule, error.reason, error.excerpt, is_whole)
    except Exception as error:  # ruff: ignore[blind-except] - hostile input meets many libraries
        context.budget.check()
        after = f" after {count:,} records" if count else ""
        reason = f"cannot be read{after}: {type(error).__name__}: {str(error)[:200]}"
        yield Refusal("unreadable", reason, None, is_whole)
    else:
        if count == 0:
            yield Refusal("no_article", f"the file is {chosen.name} and holds no article", None, is_whole)


def _check(options: Options) -> None:
    names = [each.name for each in FORMATS]
    if options.format is not None and options.format not in names:
        raise ValueError(f"unknown format {options.format!r}; expected one of {', '.join(names)}")
    try:
        home_zone(options.time_zone)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(
            f"unknown time zone {options.time_zone!r}; expected an IANA name such as Europe/Berlin"
        ) from error
    FieldMap(options.fields)


def parse_stream(source: str, path: str, file: BinaryIO, options: Options = _DEFAULT) -> Generator[Parsed]:
    """Turn one file of any size into raw articles, a bounded number at a time.

    ``file`` is open for reading, binary and seekable, and stays open. Every record comes out in one row of
    ``articles`` or in rows of ``rejects`` with its ``record_no``; both are counted from 0 over the whole
    file, in its order and over all members of a container, so that the number of an article does not depend
    on what becomes of the others. A reject that concerns the file has ``record_no`` -1. Memory follows the
    largest record and ``Limits``, not the file. Raises ``ValueError`` for bad options, and what ``file``
    raises on its first seek.
    """
    _check(options)
    packed_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    most_refusals = options.limits.most_refusals(packed_bytes)
    collector = Collector(source, path, options, options.latest or default_latest(), most_refusals)
    budget = Budget(options.limits, packed_bytes)
    stream = Stream(file, may_seek=True)
    try:
        for item in _read_items(stream, Context(path, options, budget, _read_items)):
            collector.add(item)
            if collector.is_full:
                yield collector.flush()
    except BombError as error:
        collector.add(Refusal(error.rule, error.reason, error.excerpt, is_whole_file=True))
    finally:
        stream.detach()
    yield collector.flush()


def parse(files: pl.DataFrame, options: Options = _DEFAULT) -> Parsed:
    """Turn small files into raw articles.

    ``files`` has one row per file: ``source``, ``path``, ``content`` (Binary) and, if they have not all the
    same, ``latest`` (``Options``). Every file comes out in at least one row of ``Parsed.articles`` or
    ``Parsed.rejects``, as from ``parse_stream``.
    """
    _check(options)
    if "latest" not in files.columns:
        files = files.with_columns(pl.lit(options.latest or default_latest()).alias("latest"))
    texts = decode_utf8(files)
    is_seed = seed_text.is_seed_text(pl.col("text")).fill_null(False)
    if options.format not in {None, seed_text.FORMAT.name}:
        is_seed = pl.lit(False)
    parts = [seed_text.parse_seed_texts(texts.filter(is_seed).drop("content"))]
    others = texts.filter(~is_seed).select("source", "path", "content", "latest")
    for source, path, content, latest in others.iter_rows():
        parts.extend(parse_stream(source, path, io.BytesIO(content), replace(options, latest=latest)))
    return Parsed(pl.concat([part.articles for part in parts]), pl.concat([part.rejects for part in parts]))
