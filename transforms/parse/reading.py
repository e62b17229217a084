"""How a format is recognised and read: the interface of the modules in this folder.

A reader gets one stream and yields records; it never holds more than a record of a large file. It may raise
``RefusedError`` at any point: what it yielded before stands.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import BinaryIO, Final, cast

from transforms.parse.decode import Text, decode_head, decode_text
from transforms.parse.limits import Budget, Limits, RefusedError
from transforms.parse.records import Item

HEAD_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Options:
    """What a source says about its files.

    ``format``: the name of a format, or None to recognise it. ``fields`` maps a column (``title``, ``body``,
    ``published``, ``byline``, ``url``, ``language``) to the field that holds it, with dots for nested ones.
    ``encoding`` and ``language`` hold where a file tells none. ``day_first`` decides 3/4/2024. ``time_zone``
    (IANA name) is that of times without one. ``latest`` is the last plausible date; None is tomorrow.
    """

    format: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    language: str | None = None
    day_first: bool | None = None
    time_zone: str | None = None
    latest: date | None = None
    limits: Limits = field(default_factory=Limits)


def too_large(limit_bytes: int, advice: str, excerpt: str | None = None) -> RefusedError:
    """The refusal of a document that cannot be held."""
    reason = f"larger than {limit_bytes:,} bytes, which must be held at once; {advice}"
    return RefusedError("too_large", reason, excerpt)


class Stream(io.BufferedReader):
    """Bytes that can be looked at before they are read. ``raw`` is any binary file object.

    Only a file itself may seek: members of archives either cannot, or unpack from the start again.
    """

    def __init__(self, raw: BinaryIO, *, may_seek: bool = False) -> None:
        super().__init__(cast("io.RawIOBase", raw), HEAD_BYTES)
        self._may_seek = may_seek

    def head(self) -> bytes:
        """The first bytes, without reading them; all of a stream that is shorter than ``HEAD_BYTES``."""
        return self.peek(HEAD_BYTES)[:HEAD_BYTES]

    def read_all(self, limit_bytes: int, advice: str) -> bytes:
        """The whole rest, or ``RefusedError`` when it is longer than ``limit_bytes``."""
        content = self.read(limit_bytes + 1)
        if len(content) > limit_bytes:
            raise too_large(limit_bytes, advice)
        return content

    def seekable_file(self, limit_bytes: int) -> BinaryIO:
        """Itself when it can seek, else its bytes in memory."""
        if self._may_seek:
            return cast("BinaryIO", self)
        return io.BytesIO(self.read_all(limit_bytes, "unpack the outer file first"))


@dataclass(frozen=True)
class Head:
    """What a format is recognised by: the first bytes, and the name."""

    content: bytes
    name: str
    declared: str | None = None

    @cached_property
    def text(self) -> str | None:
        """The start of the file as text, without a byte-order mark; None if it is not text."""
        return decode_head(self.content, self.declared)

    @cached_property
    def start(self) -> str:
        """The text from its first visible character on; empty if it is not text."""
        return (self.text or "").lstrip()

    @property
    def suffix(self) -> str:
        return posixpath.splitext(self.name)[1].lower()


@dataclass(frozen=True)
class Context:
    """Where a stream comes from, and how to read what is inside it.

    ``path`` is the path of the file or, in a container, of the member. ``declared`` is an encoding told from
    outside. ``url`` is the address that the stream was fetched from.
    """

    path: str
    options: Options
    budget: Budget
    read: Callable[[Stream, Context], Iterator[Item]]
    depth: int = 0
    declared: str | None = None
    url: str | None = None

    @property
    def limits(self) -> Limits:
        return self.options.limits

    def inside(self, raw: BinaryIO, path: str, *, inner_path: str = "", declared: str | None = None) -> Iterator[Item]:
        """Read what was packed in this stream. ``inner_path`` names the member; empty for the one that there is."""
        if self.depth >= self.limits.depth:
            raise RefusedError("too_deep", f"packed more than {self.limits.depth} times; unpack it")
        inner = replace(self, path=path, depth=self.depth + 1, declared=declared, url=None)
        for item in self.read(Stream(raw), inner):
            if inner_path:
                item.inner_path = f"{inner_path}!/{item.inner_path}" if item.inner_path else inner_path
            yield item


@dataclass(frozen=True, slots=True)
class Format:
    """A format. ``matches``: is this file mine? ``expectation`` completes "expected …" for a file of nobody.

    ``version`` rises with every change of what is read from the same bytes. A container holds files, which are
    recognised in their turn.
    """

    name: str
    version: int
    expectation: str
    matches: Callable[[Head], bool]
    read: Callable[[Stream, Context], Iterator[Item]]
    is_container: bool = False


def read_text(stream: Stream, context: Context, *, declared: str | None = None) -> Text:
    """A whole small document as text. Raises ``RefusedError`` if it is too large or not text."""
    content = stream.read_all(context.limits.document_bytes, "split it")
    return decode_text(content, declared or context.declared, context.options.encoding)
